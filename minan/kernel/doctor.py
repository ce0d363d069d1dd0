"""Looks at a living city and says in words what is wrong and what to do; it changes nothing.

Each check is a function that yields findings. A fault must be mended now (exit code 1); a warning will become one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from minan.kernel import directory, health, migrations_state, notice_checks, registry, rota, vault_checks
from minan.kernel.directory import LOCAL
from minan.kernel.findings import Check, Finding, fault, warning
from minan.kernel.models import Case, Clock, Delivery, Event, Outbox, Post, Snapshot
from minan.lib.english import many

FULL, EXTRA = 2, 3  # SQLite's synchronous
DISK_LEAST, DISK_SOON = 0.05, 0.15  # share of the disk that is free
OUTBOX_OLD = timedelta(minutes=5)
YEAR_AHEAD = timedelta(days=60)
SKEW = 60.0  # seconds between this machine's clock and the database's
NAMED = 3  # examples in one sentence


def _asked(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


def _some(names: list[str]) -> str:
    return "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")


# ---- the machine


def database(now: datetime) -> Iterator[Finding]:
    """Settings without which a power cut loses what was acknowledged."""
    if connection.vendor == "sqlite":
        mode, level = _asked("PRAGMA journal_mode"), _asked("PRAGMA synchronous")
        if str(mode).lower() != "wal" or level not in (FULL, EXTRA):
            yield fault(
                f"SQLite 的设置是 journal_mode={mode}、synchronous={level}，断电会丢已确认的事",
                f"SQLite runs with journal_mode={mode}, synchronous={level}: a power cut loses what was acknowledged",
                "恢复 settings.py 里的 init_command：WAL 和 synchronous=FULL", "restore init_command in settings.py: WAL and synchronous=FULL",
            )  # fmt: skip
        return
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        value = _asked(f"SHOW {name}")
        if value == "off":
            yield fault(
                f"PostgreSQL 的 {name} 关着，断电会丢已确认的事", f"PostgreSQL runs with {name}=off: a power cut loses what was acknowledged",
                f"在 postgresql.conf 里把 {name} 设为 on", f"set {name} = on in postgresql.conf",
            )  # fmt: skip
    apart = abs(float(_asked("SELECT extract(epoch FROM clock_timestamp())")) - time.time())
    if apart > SKEW:
        yield fault(
            f"这台机器和数据库的钟差 {apart:.0f} 秒，时限会算错", f"this machine's clock and the database's are {apart:.0f} s apart: limits go wrong",
            "两台机器都用同一个时间服务器（chrony）", "let both follow the same time server (chrony)",
        )  # fmt: skip


def migrations(now: datetime) -> Iterator[Finding]:
    pending = migrations_state.pending()
    if pending:
        yield fault(
            f"有 {len(pending)} 个数据库变更没有执行", f"{many(len(pending), 'migration is', 'migrations are')} not applied",
            "先 minan backup，再 minan migrate", "run minan backup, then minan migrate",
        )  # fmt: skip


def insert_only(now: datetime) -> Iterator[Finding]:
    """Tries to change an event, in a transaction that is rolled back: the database itself must refuse."""
    row = Event.objects.order_by("id").values("id").first()
    if row is None:
        return
    for verb, change in (
        ("UPDATE", lambda: Event.objects.filter(**row).update(step="x")),
        ("DELETE", lambda: Event.objects.filter(**row).delete()),
    ):
        try:
            with transaction.atomic():
                change()
                transaction.set_rollback(True)
        except DatabaseError:
            continue
        yield fault(
            f"数据库没有拦住对事件的 {verb}：触发器不在了", f"the database let an event be changed by {verb}: its trigger is gone",
            "查清是谁去掉的，跑 minan verify，再从迁移 0002_guards 重建触发器",
            "find out who removed it, run minan verify, restore the triggers of migration 0002_guards",
        )  # fmt: skip


def with_event(now: datetime) -> Iterator[Finding]:
    """Tries to change a case without an event, and takes it back: the database itself must refuse."""
    if not Case.objects.exists():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE kernel_case SET state = 'x' WHERE id = (SELECT id FROM kernel_case ORDER BY id LIMIT 1)"
            )
            transaction.set_rollback(True)
    except DatabaseError:
        return
    yield fault(
        "数据库让一件事没有事件就变了：触发器不在了", "the database let a case change without an event: its guard is gone",
        "查清是谁去掉的，跑 minan verify，再从迁移 0008_case_needs_event 重建触发器",
        "find out who removed it, run minan verify, restore the triggers of migration 0008_case_needs_event",
    )  # fmt: skip


def worker(now: datetime) -> Iterator[Finding]:
    """The worker turns, and nothing waits for it for long."""
    if health.worker() != "ok":
        yield fault(
            "后台进程没有动静：时限、通知、统计都停着", "the worker does not turn: clocks, notices and counts stand still",
            "启动 minan serve（SQLite）或 minan worker（PostgreSQL）", "start minan serve (SQLite) or minan worker (PostgreSQL)",
        )  # fmt: skip
    old = Outbox.objects.filter(at__lt=now - OUTBOX_OLD).count()
    if old:
        yield warning(
            f"{old} 件事的通知等了五分钟以上",
            f"the news of {many(old, 'event')} waits for more than five minutes",
            "看后台日志",
            "look at the worker's log",
        )
    parked = Delivery.objects.filter(next_at=None)
    if count := parked.count():
        first = parked.order_by("id").values_list("listener", "error").first() or ("", "")
        yield fault(
            f"{count} 个投递失败三次后停放，最早的是 {first[0]}：{first[1]}",
            f"{many(count, 'delivery', 'deliveries')} failed three times, parked since; the oldest: {first[0]}: {first[1]}",
            "修好原因后，把 kernel_delivery 里这些行的 next_at 设为现在", "mend the cause, then set next_at of these rows of kernel_delivery to now",
        )  # fmt: skip


def disk(now: datetime) -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.DATA)
    share = usage.free / usage.total
    if share < DISK_SOON:
        make = fault if share < DISK_LEAST else warning
        yield make(
            f"{settings.DATA} 所在磁盘只剩 {share:.0%}", f"the disk of {settings.DATA} has {share:.0%} left",
            "加大磁盘，或把旧备份移走；不要删 DATA 里的任何文件", "enlarge it or move old backups away; delete nothing inside DATA",
        )  # fmt: skip


def keys(now: datetime) -> Iterator[Finding]:
    """Keys lie apart from the data, and only their owner reads them."""
    folder, data = Path(settings.KEYS), Path(settings.DATA).resolve()
    if folder.resolve().is_relative_to(data):
        yield fault(
            "钥匙放在 DATA 里面：谁拿到备份谁就能打开保险箱", "the keys lie inside DATA: whoever gets a backup can open the vault",
            "停机，把 KEYS 移到 DATA 之外，再用 KEYS=新位置 启动", "stop, move KEYS out of DATA, start with KEYS=new place",
        )  # fmt: skip
    for path in [folder, *sorted(folder.iterdir())] if folder.is_dir() else []:
        if path.stat().st_mode & 0o077:
            yield fault(
                f"{path} 别人也能读（权限 {path.stat().st_mode & 0o777:o}）", f"others can read {path} (mode {path.stat().st_mode & 0o777:o})",
                f"chmod {'700' if path.is_dir() else '600'} {path}", f"chmod {'700' if path.is_dir() else '600'} {path}",
            )  # fmt: skip


def demo(now: datetime) -> Iterator[Finding]:
    if migrations_state.made_by_demo() or settings.DEMO:
        yield warning(
            "这是演示城市：谁都能一键登录", "this is a demo city: anyone signs in with one click",
            "真的城市用另一个 DATA，minan serve 不会启动这一个", "a real city needs another DATA; minan serve refuses this one",
        )  # fmt: skip


# ---- the city


def posts(now: datetime) -> Iterator[Finding]:
    """Desks without people, and urgent work that nobody does at night."""
    city = directory.city()
    if not city.units:
        yield fault("还没有装入城市数据", "no city is loaded", "minan city load 文件夹", "minan city load FOLDER")
        return
    staffed = set(Post.objects.filter(user__is_active=True).values_list("unit_id", flat=True))
    desks = sorted(
        u.id
        for u in city.units.values()
        if u.kind in (directory.TOWN_DESK, directory.CITY_DESK) and u.id not in staffed
    )
    if desks:
        names = [city.units[u].name for u in desks]
        yield warning(
            f"{len(desks)} 个说事站、中心没有人：{_some(names)}",
            f"{many(len(desks), 'desk has', 'desks have')} nobody: {_some([city.units[u].name_en or u for u in desks])}",
            "给每个单位设至少一个岗位", "give each at least one post",
        )  # fmt: skip
    holes = rota.holes()
    if holes:
        names = [city.units[u].name for u in holes]
        yield warning(
            f"{len(holes)} 个要办急件的单位夜间或者假日没有排值班：{_some(names)}",
            f"{many(len(holes), 'unit')} with urgent duties and nobody on the roster at night or on rest days: "
            f"{_some([city.units[u].name_en or u for u in holes])}",
            "在值班表里给它们排上值班室和电话（rota.csv 或管理页“值班”）；否则夜里的急件必然超时",
            "put a duty room and its telephone on the roster (rota.csv, or the page for it), else urgent matters run late at night",
        )  # fmt: skip


def rules(now: datetime) -> Iterator[Finding]:
    """Kinds nobody has on a list, clocks without a limit, procedures that went away."""
    city = directory.city()
    served = {kind for kind, level, *_, until in city.duties if until is None and level != "village"}
    orphans = [k.name for k in city.kinds.values() if k.active and k.code not in served]
    if orphans:
        yield fault(
            f"{len(orphans)} 种事不在任何单位的职责清单上：{_some(orphans)}",
            f"{many(len(orphans), 'kind is', 'kinds are')} on nobody's duty list: {_some(orphans)}",
            "在职责清单里写明主办部门", "name the lead department in the duty list",
        )  # fmt: skip
    for procedure in registry.procedures().values():
        bare = [c.name for c in procedure.clocks if c.name != "park" and not c.quiet and not _limited(c.name)]
        if city.limits and bare:
            yield fault(
                f"{procedure.label.zh} 的时钟没有时限：{_some(bare)}", f"clocks of {procedure.name} without a limit: {_some(bare)}",
                "在时限表里给它们写一行，注明依据", "give each a row in the limits, with its rule",
            )  # fmt: skip
    gone = sorted(set(Snapshot.objects.values_list("procedure", flat=True)) - set(registry.procedures()))
    if gone and Case.objects.filter(procedure__in=gone, closed_at=None).exists():
        yield warning(
            f"撤下的程序还有没办完的事：{_some(gone)}", f"removed procedures still have open cases: {_some(gone)}",
            "放回它的文件夹，或者逐件办结", "put the folder back, or close them one by one",
        )  # fmt: skip


def _limited(clock: str) -> bool:
    city = directory.city()
    return any(
        row.clock == clock and not row.urgency and not row.group and not row.size and until is None
        for row, _, until in city.limits
    ) or all(
        directory.limit(clock, urgency, size, "", city.edition)
        for urgency in ("ordinary", "urgent", "emergency")
        for size in ("simple", "ordinary", "complex")
    )


def calendar(now: datetime) -> Iterator[Finding]:
    """The next year's rest days, and ends that can still move."""
    ahead = (now + YEAR_AHEAD).astimezone(LOCAL).year
    waiting = Clock.objects.filter(provisional=True, done_at=None).count()
    if not directory.calendar("default").is_known(ahead) or waiting:
        yield warning(
            f"{ahead} 年的放假安排还没有公布或没有录入，{waiting} 个期限是暂定的",
            f"the rest days of {ahead} are not published or not entered; {many(waiting, 'end is', 'ends are')} provisional",
            "国务院通知公布后升级 chinesecalendar，或在放假表里录入；期限会自动重算，不会提前",
            "when the notice is out, update chinesecalendar or enter the days; the ends are counted again, never earlier",
        )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    migrations,
    database,
    insert_only,
    with_event,
    worker,
    disk,
    keys,
    vault_checks.keeper,
    vault_checks.seal,
    notice_checks.notices,
    demo,
    posts,
    rules,
    calendar,
)
_more: list[Check] = []  # of the systems


def also(check: Check) -> Check:
    """Declare a system's own check (its handlers.py)."""
    if check not in _more:
        _more.append(check)
    return check


def look(now: datetime | None = None) -> list[Finding]:
    """All findings, faults first. A database that does not answer is the first fault of all."""
    moment, found = now or datetime.now(UTC), list[Finding]()
    try:
        _asked("SELECT 1")
    except DatabaseError as error:
        return [
            fault(
                f"数据库连不上：{type(error).__name__}", f"the database does not answer: {type(error).__name__}",
                "看 DATABASE_URL、数据库进程和磁盘", "look at DATABASE_URL, the database's process and the disk",
            )
        ]  # fmt: skip
    registry.procedures()  # with them the systems' own checks are known
    for check in (*CHECKS, *_more):
        try:
            found += check(moment)
        except DatabaseError as error:
            name = check.__name__
            found.append(
                fault(
                    f"{name} 查不了：{error}",
                    f"{name} cannot be looked at: {error}",
                    "minan migrate，然后再看一次",
                    "minan migrate, then look again",
                )
            )
        if check is migrations and found:
            break  # tables are missing: nothing else can be asked
    return sorted(found, key=lambda f: not f.fault)


def language() -> str:
    """English where the machine speaks English, Chinese otherwise."""
    return "en" if os.environ.get("LANG", "").startswith(("en", "C")) else "zh"
