"""Who wants to be able to call: address, whom to ring in which order, what may be told; taken back at any time, then everything goes.

The case of an enrolment has no work in it. Its speaker's secret is what the phone keeps to press with (128 bits; the hash alone stands
in the records and in the lane's copy). All that is said lies in the vault. PIPL art. 13(1), 29: illness and medicine need a consent of
their own, given by the words of `consent`, and nothing of it is asked for help itself (引用前请核对).
"""

from __future__ import annotations

import json

from minan.kernel import common, rights
from minan.kernel.models import BusAccount, Case
from minan.kernel.procedure import Ask, Change, Field, Procedure, State, Step, Words

W = Words
FAMILY = 3
NAMES = ("name", "phone", "address", "door", "told")
KIN = tuple(f"family{n}_{what}" for n in range(1, FAMILY + 1) for what in ("name", "phone", "push"))
SEALED = (*NAMES, *KIN)
CONSENT = 1  # the words of help/consent.html; other words are another number
STATES = (
    State("enrolled", W("已登记", "Enrolled"), holder=""),
    State("ended", W("已退出", "Ended"), final=True, keep_days=30),
)
EVERY = ("enrolled", "ended")


def sealed(
    name: str, label: Words, kind: str = "text", data: str = "P2", most: int = 60, hint: Words | None = None
) -> Field:
    return Field(name, label, kind, data=data, max_length=most, hint=hint, keep_days=365)


PERSON = (
    sealed("name", W("称呼", "Name")),
    sealed("phone", W("本人电话（值班的人回拨用）", "Own phone, to be called back"), "phone"),
    sealed("address", W("住址，到门牌", "Address, to the door"), most=120, hint=W("小区、楼、单元、房号", "Compound, building, entrance, flat")),
    sealed("door", W("怎么进门", "How to get in"), most=120, hint=W("例如：钥匙在对门李家", "Such as: the Lis opposite have the key")),
    sealed(
        "told", W("可以告诉来人的病和药", "Illness and medicine that may be told"), "long", "P3", 300,
        W("不想说就空着。只在您呼叫时、只给来帮您的人看，看一次记一次", "Leave empty if you would rather not. Shown only during a call, to who comes, each look noted"),
    ),
)  # fmt: skip
KIN_FIELDS = tuple(
    field
    for n in range(1, FAMILY + 1)
    for field in (
        sealed(f"family{n}_name", W(f"家人{n}：称呼", f"Family {n}: name")),
        sealed(f"family{n}_phone", W(f"家人{n}：电话", f"Family {n}: phone"), "phone"),
    )
)
PUSH_FIELDS = tuple(
    Field(f"family{n}_push", W(f"家人{n}的通知地址", f"Notice address of family {n}"), "push", data="P2")
    for n in range(1, FAMILY + 1)
)
DUTY = Field("duty", W("值班的地方", "The desk on duty"), "unit", shown=False)


def enrolled(ask: Ask) -> Change:
    duty = ask.facts.get("duty") or ask.case["desk"]
    return Change(set={"desk": duty}, facts={"devices": [], "consent": ask.facts.get("consent", 0)})


def bound(ask: Ask) -> Change:
    devices = [*(ask.case["facts"].get("devices") or []), ask.facts["device"]]
    return Change(facts={"devices": list(dict.fromkeys(devices))})


def not_bound_yet(ask: Ask) -> Words | None:
    if len(ask.case["facts"].get("devices") or []) >= 4:
        return W("已经有 4 个按钮了，先解除一个", "There are four buttons already: take one away first")
    return None


def is_registered(ask: Ask) -> Words | None:
    """A button is heard by its own key alone: a number mistyped here would be a button that rings for nobody."""
    if not BusAccount.objects.filter(device=ask.facts["device"], ended_at=None).exists():
        return W(
            "设备里没有登记这个按钮（或者已经停用）：先在“设备”里登记，编号照按钮上的写",
            "No such button is registered, or it is out of service: register it under Devices first; write its number as on the button",
        )
    return None


def not_anothers(ask: Ask) -> Words | None:
    """A button rings for one enrolment: whoever presses it is at one address."""
    others = Case.objects.filter(procedure="help_enrolment", state="enrolled").exclude(id=ask.case["id"])
    if others.filter(facts__devices__icontains=json.dumps(ask.facts["device"])).exists():
        return W("这个按钮绑在别家了，先在那边解除", "This button is bound to another enrolment: take it away there first")
    return None


def loosed(ask: Ask) -> Change:
    return Change(facts={"devices": [d for d in ask.case["facts"].get("devices") or [] if d != ask.facts["device"]]})


def ended(ask: Ask) -> Change:
    """All that was known goes at once; the secret opens nothing any more."""
    return Change(erases=SEALED, facts={"devices": []})


def drilled(ask: Ask) -> Change:
    row = {"at": ask.at.isoformat(), "well": len(ask.facts.get("well") or []), "dead": ask.facts.get("dead") or []}
    return Change(facts={"drill": row})


OPENING = Step(
    "enrol", W("登记一键呼叫", "Enrol for help"), ("speaker", "intake"), to="enrolled", effect=enrolled,
    fields=(
        Field("place", W("哪个社区、村", "Which community or village"), "place", required=True),
        *PERSON, *KIN_FIELDS, DUTY,
        Field("consent", W("同意的是第几版说明", "Which wording was agreed to"), "number", shown=False),
    ),
    done=W("登记了一键呼叫", "Enrolled for help"),
)  # fmt: skip
DEVICE = Field("device", W("按钮编号", "Number of the button"), "text", required=True, max_length=40)
STEPS = (
    Step(
        "change", W("改登记", "Change it"), ("speaker", "desk"), ("enrolled",), fields=(*PERSON, *KIN_FIELDS),
        done=W("改了登记的内容", "The enrolment was changed"),
    ),
    Step(
        "bind", W("绑按钮", "Bind a button"), ("desk",), ("enrolled",), fields=(DEVICE,), rules=(not_bound_yet, is_registered, not_anothers),
        effect=bound,
        done=W("绑了一个按钮", "A button was bound"),
    ),
    Step(
        "loose", W("解除按钮", "Take a button away"), ("desk",), ("enrolled",), fields=(DEVICE,), effect=loosed,
        done=W("解除了一个按钮", "A button was taken away"),
    ),
    Step(
        "tell_family", W("家人的手机上响", "Ring on a family member's phone"), ("clock",), ("enrolled",),
        fields=PUSH_FIELDS,
        done=W("一位家人的手机接上了", "A family member's phone was added"),
    ),
    Step(
        "drilled", W("演练结果", "Result of the drill"), ("clock",), ("enrolled",), effect=drilled, public=False,
        fields=(
            Field("well", W("通的", "What answered"), "fragments", shown=False, max_length=80),
            Field("dead", W("不通的", "What did not"), "fragments", shown=False, max_length=80),
        ),
        done=W("演练过了", "Drilled"),
    ),
    Step(
        "end", W("退出一键呼叫", "End it"), ("speaker", "desk"), ("enrolled",), "ended", effect=ended, stops=("*",),
        done=W("退出了，登记的内容已经擦掉", "Ended; what was known is erased"),
    ),
    *(s for s in common.looking(EVERY) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip
ENROLMENT = Procedure(
    "help_enrolment", 1, W("一键呼叫登记", "Enrolment for help"), STATES, STEPS, (common.DEFERRAL, rights.HOLD), opening=OPENING,
    first="enrolled", privacy="confidential", counted=False, room="help:person",
)  # fmt: skip
