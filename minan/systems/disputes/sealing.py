"""A sealed offer on its way: from the page into the memory of the vault's process, and nowhere else.

The sum is in this process from the arrival of the form to the end of `hand_in`; it is closed at once to a key that only the
keeper's running process has, and stands in no event, table, file, session or log. The nonce is made here and shown once, on the
receipt: with it and the sum the side can prove later what it had handed in.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.kernel import vault
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.keeper import protocol
from minan.kernel.models import Case, Clock, Event
from minan.kernel.procedure import Words
from minan.systems.disputes import sealed

MONEY = re.compile(r"(?:￥|¥)?(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2}))?元?")
EVERY = 30.0  # seconds between looks whether the keeper still holds what was handed in
UNREAD = Words("写一个数，单位元，比如 50000 或 50000.50", "Write a sum in yuan, such as 50000 or 50000.50")
AWAY = Words(
    "保险箱现在打不开，您的数没有收下，也没有留在任何地方；过一分钟再交", "The vault is away: your sum was not taken and is kept nowhere; try again in a minute"
)
_looked = [0.0]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the side keeps; `nonce` is "" where the same form was sent twice: the first answer had the receipt."""

    fen: int
    nonce: str
    commitment: str
    event: Event
    k: int
    role: str

    @property
    def yuan(self) -> str:
        return yuan(self.fen)

    def __repr__(self) -> str:
        return f"Receipt({self.commitment})"


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def read(text: str) -> int:
    """Yuan as people write them → fen. Raises ValueError."""
    found = MONEY.fullmatch(text.strip().replace(" ", "").replace("，", ","))
    if found is None:
        raise ValueError
    return int(Decimal(f"{found[1].replace(',', '')}.{found[2] or 0}") * 100)


def fitted(here: Any, form: Any) -> None:
    """Draw the forms of a round: the sum is no fact of the step, the commitment is not asked, with two sides one question is enough."""
    name = here.chosen.name if here.chosen else ""
    if name == "offers_begin" and len(here.sides) <= 2:
        form.specs = tuple(spec for spec in form.specs if spec.name != "claimant")
    if name != "seal_offer":
        return
    form.specs = tuple(spec for spec in form.specs if spec.name == "code")
    form.initial["k"] = sealed.running(here.dispute.facts).get("k", "")
    payer = sealed.role_of(sealed.running(here.dispute.facts), here.reader.ref) == "payer"
    form.fields["amount"] = django_forms.CharField(label=_("您最多愿意付多少元") if payer else _("您最少愿意收多少元"))
    form.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
    form.fields["amount"].required = True
    form.fields["code"].help_text = _("没有的，先按“要报价的验证码”，发到您的手机，10 分钟内有效")
    form.fields["code"].required = True
    for made in (form.fields["amount"], form.fields["code"]):
        made.shape, made.wide, made.finds = "", False, False


def hand_in(here: Any) -> Receipt | None:
    """Take what a side typed; None: `here.refused` says why, with everything typed still in the form."""
    form, side, dispute, row = here.form, here.own, here.dispute, sealed.running(here.dispute.facts)
    role, post = sealed.role_of(row, here.reader.ref), here.request.POST
    try:
        fen = read(post.get("amount", ""))
    except ValueError:
        return _refused(here, Refused(UNREAD, 422, "facts", {"amount": UNREAD}))
    nonce, k, until = secrets.token_bytes(32), int(row.get("k", 0)), datetime.fromisoformat(row["until"]).timestamp() if row else 0.0
    opening = {"k": k, "role": role, "fen": fen, "nonce": protocol.text(nonce)}
    try:
        mark = vault.offer_put(dispute.code, opening, until)
    except vault.Sealed:
        return _refused(here, Refused(AWAY, 503))
    facts = {"k": post.get("k") or k, "commitment": mark, "code": post.get("code", "")}
    done = act(side, "seal_offer", by=SPEAKER, facts=facts, key=form.key, moves=form.moves, at=here.now)
    now = Case.objects.get(county=dispute.county, id=dispute.id)
    stands = now.facts["sealed"]["in"].get(here.reader.ref, {}).get("c") == mark if not isinstance(done, Refused) else False
    if not stands:
        forget(dispute.code, [mark])
    if isinstance(done, Refused):
        return _refused(here, done)
    settle(now, here.now)
    return Receipt(fen, nonce.hex() if stands else "", mark, done, k, role)


def _refused(here: Any, why: Refused) -> None:
    here.refused = why
    here.form.tell(why)


def forget(code: str, names: list[str]) -> None:
    """Ask the keeper to let go of these; where it is away it forgets by itself, 24 hours after the round began at the latest."""
    if names:
        try:
            vault.offer("forget", code=code, names=names)
        except vault.Sealed:
            return


def settle(case: Case, at: datetime | None = None, *, must: bool = False) -> None:
    """Where both are in: have them compared, and write down what came of it. Asked twice it is the same. `must`: raises vault.Away."""
    row = sealed.running(case.facts)
    forget(case.code, list(row.get("gone", [])))
    if not row or not sealed.both(row):
        return
    names = [row["in"][row[role]]["c"] for role in sealed.ROLES]
    try:
        said = vault.offer("meet", code=case.code, k=row["k"], names=names)
    except vault.Sealed:
        if must:
            raise
        return
    if "missing" in said:
        _lost(case, row, [row[role] for role in said["missing"]], at)
        return
    words = _("双方密封报价的中间数：{sum} 元。双方都同意这个方案，就照它写协议。").format(sum=yuan(said["mid"])) if "mid" in said else ""
    key = f"offers_met:{case.id.hex[:16]}:{row['k']}:{names[0][:16]}:{names[1][:16]}"
    _by_clock(case, "offers_met", {"k": row["k"], "result": said["result"], "words": words}, key, at)


def _lost(case: Case, row: Mapping[str, Any], refs: list[str], at: datetime | None) -> None:
    marks = ":".join(row["in"][ref]["c"][:16] for ref in refs)
    _by_clock(case, "offers_lost", {"k": row["k"], "refs": refs}, f"offers_lost:{case.id.hex[:16]}:{marks}", at)


def _by_clock(case: Case, step: str, facts: dict[str, Any], key: str, at: datetime | None) -> None:
    moment = max(at or timezone.now(), case.changed_at)
    act(case, step, by=CLOCK, facts=facts, key=key, at=moment)


def held(case: Case) -> set[str] | None:
    """The sides whose openings the keeper holds just now; None where it does not say."""
    row = sealed.running(case.facts)
    names = {one["c"]: ref for ref, one in row.get("in", {}).items()}
    try:
        return {names[name] for name in vault.offer("held", code=case.code, names=list(names))["held"]} if names else set()
    except vault.Sealed:
        return None


def watch(now: datetime) -> int:
    """Tell both sides where the keeper lost what they had handed in; looked for every half minute."""
    if time.monotonic() - _looked[0] < EVERY:
        return 0
    _looked[0] = time.monotonic()
    open_ = Clock.objects.filter(name="offers", done_at=None, next_at__gt=now, next_at__lte=now + timedelta(hours=25))
    done = 0
    for county, pk in list(open_.values_list("county", "case_id")):
        case = Case.objects.filter(county=county, id=pk).first()
        there = held(case) if case else None
        if case is None or there is None:
            continue
        row = sealed.running(case.facts)
        gone = [ref for ref in row.get("in", {}) if ref not in there]
        if gone and not sealed.both(row):
            _lost(case, row, gone, now)
            done += 1
    return done


def shown(here: Any, names: Mapping[str, str]) -> dict[str, Any] | None:
    """What the page says of a round and those before it; None for who has no part in any."""
    facts, ref = here.dispute.facts, here.reader.ref
    row, past = facts.get("sealed") or {}, facts.get("sealed_past") or []
    if here.reader.kind not in ("side", "mediator", "inspector") or not row:
        return None
    if here.is_side:
        past = [one for one in past if sealed.role_of(one, ref)]
        if not sealed.role_of(row, ref):  # that of two others: not even that there is one
            own = {"open": False, "k": 0, "rows": [], "until": None, "left": None}
            return own | {"past": [one | {"at": datetime.fromisoformat(one["at"])} for one in past]} if past else None
    there = held(here.dispute) if row["open"] else None
    rows = []
    for role in sealed.ROLES:
        one = row["in"].get(row[role])
        gone = row[role] in row.get("lost", []) or bool(one and there is not None and row[role] not in there)
        at = datetime.fromisoformat(one["at"]) if one else None
        rows.append({"who": names.get(row[role], ""), "role": role, "you": row[role] == ref and here.is_side, "at": at,
                     "c": one["c"] if one else "", "gone": gone})  # fmt: skip
    left = sealed.ROUNDS - sealed.past(facts, row["payer"], row["claimant"])
    over = [one | {"at": datetime.fromisoformat(one["at"])} for one in past]
    return {"open": row["open"], "k": row["k"], "rows": rows, "until": datetime.fromisoformat(row["until"]), "past": over, "left": left}
