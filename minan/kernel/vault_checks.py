"""What the doctor asks of the vault's keeper: is it there, are its keys copied, who looked too often, is its log whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from minan.kernel import access, keeping, seals, vault
from minan.kernel.findings import Finding, fault, warning
from minan.kernel.keeper import protocol
from minan.kernel.models import Inbox, Speaker, User
from minan.lib.english import many

COPIES_OLD = timedelta(days=366)
SEAL_AHEAD = timedelta(days=60)
TIMES = 3  # DOMAIN.md: calls above three times the day's caseload


def keeper(now: datetime) -> Iterator[Finding]:
    """Silent in a city where nobody has spoken and no keeper ever was."""
    spoken = Speaker.objects.filter(wrapped__isnull=False).exists()
    if not (vault.folder() / protocol.PUBLIC).exists():
        if spoken:
            yield _lost("没有公钥 keeper.pub", "there is no public key keeper.pub")
        return
    try:
        status = vault.status()
    except vault.Lost:
        yield _lost("私钥不在了", "the private keys are gone")
        return
    except vault.Away:
        yield fault(
            "保险箱的看守进程没有应答：电话打不开，短信发不出", "the vault's keeper does not answer: no number opens, no text message leaves",
            "看 minan serve（或 systemctl status minan-keeper）的日志；磁盘满了它也不肯开",
            "look at the log of minan serve (or systemctl status minan-keeper); it refuses on a full disk, too",
        )  # fmt: skip
        return
    if spoken:
        yield from _copies(status, now)
    yield from _log(status)
    yield from _looks(status)


def seal(now: datetime) -> Iterator[Finding]:
    """Whether the seal on signed papers still holds, and whether anybody outside trusts it. Silent where nothing was ever sealed."""
    if not (vault.folder() / protocol.PUBLIC).exists():
        return
    try:
        found = seals.installed()
    except vault.Sealed:
        return  # `keeper` says it
    if found is None:
        return
    do = ("minan seal install 文件.p12；自制的用 minan seal renew", "minan seal install FILE.p12; for one of our own making minan seal renew")
    if found.ends <= now:
        yield fault(
            f"签章证书 {found.ends:%Y-%m-%d} 过期了", f"the certificate of the seal ended on {found.ends:%Y-%m-%d}", *do
        )
    elif found.ends < now + SEAL_AHEAD:
        yield warning(f"签章证书 {found.ends:%Y-%m-%d} 到期", f"the certificate of the seal ends on {found.ends:%Y-%m-%d}", *do)
    if found.own_making and not settings.DEMO:
        yield warning(
            "签章用的是自制证书，外面没有人信它", "papers are sealed with a certificate of our own making that nobody outside trusts",
            "minan seal install 文件.p12（认证机构发的）", "minan seal install FILE.p12, from a certification authority",
        )  # fmt: skip


def _lost(zh: str, en: str) -> Finding:
    return fault(
        f"保险箱的钥匙丢了（{zh}）：说事人的电话和姓名都打不开", f"the vault's keys are lost ({en}): nobody's number or name can be opened",
        "minan keeper restore 副本文件；两份副本有一份就够", "minan keeper restore COPY; either of the two copies is enough",
    )  # fmt: skip


def _copies(status: dict[str, Any], now: datetime) -> Iterator[Finding]:
    """Whether both sealed copies hold today's keys, and from when they are."""
    copies = status["copies"]
    do = ("minan keeper copies 目录一 目录二，分两处、两个人放", "minan keeper copies DIR1 DIR2, kept in two places by two people")
    if not copies:
        yield warning("保险箱的钥匙还没有封存的副本", "there are no sealed copies of the vault's keys", *do)
    elif not set(status["keys"]) <= set(copies["keys"]):
        yield warning(
            f"封存的副本是 {copies['at'][:10]} 的，里面没有现在的钥匙 {status['current']}",
            f"the sealed copies of {copies['at'][:10]} do not hold today's key {status['current']}", *do,
        )  # fmt: skip
    elif now - datetime.fromisoformat(copies["at"]).astimezone(UTC) > COPIES_OLD:
        yield warning(
            f"封存的副本是 {copies['at'][:10]} 的，一年多了",
            f"the sealed copies are of {copies['at'][:10]}, more than a year old",
            *do,
        )


def _log(status: dict[str, Any]) -> Iterator[Finding]:
    """The keeper's log was not cut since the worker last noted its length, and its limits are the ones that came with it."""
    n, seen = status["log"][0], keeping.seen()
    if seen and (n < seen["n"] or (n == seen["n"] and status["log"][1] != seen["head"])):
        yield fault(
            f"看守的日志短了：记过 {seen['n']} 行，现在 {n} 行", f"the keeper's log was cut: {seen['n']} noted as its length, now it is {n}",
            "minan keeper log check；从另存的日志里找出缺的，报给审计",
            "minan keeper log check; find the missing lines in the log kept elsewhere and tell the auditor",
        )  # fmt: skip
    if status["broken"]:
        yield fault(
            f"看守的日志坏过，放到了一边：{status['broken'][0]}", f"the keeper's log was broken and set aside: {status['broken'][0]}",
            "查清原因，把这个文件交给审计后移走", "find out why, hand the file to the auditor, then move it away",
        )  # fmt: skip
    if status["mistaken"]:
        yield fault(
            f"本市的限额 keeper/limits.toml 有错，看守没有用它：{status['mistaken']}",
            f"this city's own keeper/limits.toml has a mistake and is not used: {status['mistaken']}",
            "改好这个文件；改好以前按随软件来的限额", "mend the file; until then the limits that came with the software hold",
        )  # fmt: skip
    if status["limits"]:
        yield warning(
            "看守用的是本市自己的限额 keeper/limits.toml", "the keeper goes by limits of this city's own, keeper/limits.toml",
            "对一遍：只有安全管理员该写过它", "compare: only the security administrator should have written it",
        )  # fmt: skip


def _looks(status: dict[str, Any]) -> Iterator[Finding]:
    """Who looked more often than usual in the last day, or was refused for pace; and calls above three times the caseload."""
    told = set()
    for row in status["alarms"]:
        who, told_who = row["who"], _name(row["who"])
        told.add(who)
        zh, en = (f"被拒 {row['looks']} 次（{row['class']}）", f"was refused {many(row['looks'], 'time')} ({row['class']})")
        if row["what"] != "refused":
            zh, en = f"看了 {row['looks']} 次（{row['class']}）", f"looked {many(row['looks'], 'time')} ({row['class']})"
        yield warning(
            f"最近一天，{told_who} 打开保险箱{zh}", f"in the last day {told_who or 'all together'} {en} at the vault",
            "minan keeper log 查每一次的由头，问清楚；上一级也会看到", "minan keeper log shows the cause of each; ask; the level above sees it too",
        )  # fmt: skip
    for who, looks in sorted(status["today"].items()):
        called, load = looks.get("call", 0), _load(who) if looks.get("call", 0) > TIMES else 0
        if who not in told and called > max(TIMES, TIMES * load):
            yield warning(
                f"{_name(who)} 一天联系了 {called} 位说事人，手上只有 {load} 件",
                f"{_name(who)} called {many(called, 'speaker')} in a day with {many(load, 'matter')} in hand",
                "问清楚为什么；不拦，只提醒", "ask why; nothing was stopped",
            )  # fmt: skip


def _user(who: str) -> User | None:
    kind, _, pk = who.partition(":")
    return User.objects.filter(pk=pk).first() if kind == "user" and pk.isdigit() else None


def _name(who: str) -> str:
    found = _user(who)
    return f"{found.username}（{who}）" if found else who


def _load(who: str) -> int:
    found = _user(who)
    return Inbox.objects.filter(unit__in=access.units_of(found), open=True, mine=True).count() if found else 0
