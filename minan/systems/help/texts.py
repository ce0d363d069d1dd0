"""What a call says on each channel: never an illness, never an address; who may read more opens the link."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.conf import settings

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Words
from minan.systems.help import sealing
from minan.systems.help.rungs import Call, Send

W = Words
FAMILY = W("您家里人按了一键呼叫", "Your relative called for help")
DUTY = W("有人按了一键呼叫，点开接警", "Somebody called for help: open and answer")
DRILL = W("演练：一键呼叫，不用去", "Drill of the help call: nobody needs to go")
SAY_FAMILY = W(
    "这里是民安一键呼叫。您家里人在{at}按了求助。去得了请按一。急救请拨一二零。",
    "This is Minan. Your relative called for help at {at}. Press 1 if you can go. For an ambulance call 1 2 0.",
)
SAY_DUTY = W(
    "民安一键呼叫。{at}有人求助，请马上打开值班屏。去得了请按一。",
    "Minan: somebody called for help at {at}. Open the duty screen now. Press 1 if you can go.",
)


def lang(call: Call) -> str:
    return str(call.about.get("lang", "zh-hans"))


def address() -> str:
    """How a phone outside reaches this city."""
    return (settings.ADDRESS or f"http://127.0.0.1:{settings.PORT}").rstrip("/")


def path(send: Send) -> str:
    return f"/help/f/{sealing.token(send.call, send.target.id)}/"


def seen_path(send: Send) -> str:
    """Where the device says that it has it; on the telephone also, by pressing 1, that its owner goes."""
    what = "" if send.channel == "voice" else "seen"
    return f"/help/k/{sealing.token(send.call, send.target.id, what)}/{send.channel}/"


def words(call: Call, send: Send) -> str:
    """What the channel's provider is handed: a text for people, or for push and voice what their adapter takes (JSON)."""
    family, spoken = send.target.kind == "family", lang(call)
    short = (DRILL if call.drill else FAMILY if family else DUTY).into(spoken)
    at = f"{datetime.fromtimestamp(call.begun, UTC).astimezone(LOCAL):%H:%M:%S}"
    if send.channel == "push":
        told = {"title": short, "body": at, "url": path(send), "ack": seen_path(send)}
        return json.dumps({"help": told}, ensure_ascii=False)
    if send.channel == "voice":
        say = (SAY_FAMILY if family else SAY_DUTY).into(spoken).format(at=at)
        return json.dumps({"say": say, "told": address() + seen_path(send)}, ensure_ascii=False)
    return (
        f"【民安】{short} {at} {address()}{path(send)}"
        if not spoken.startswith("en")
        else f"Minan: {short} {at} {address()}{path(send)}"
    )
