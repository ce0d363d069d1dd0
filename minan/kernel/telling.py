"""The steps by which a speaker says how to be told, and by which it is written down that they were not reached; pure.

A procedure adds `steps(states)`. An address goes to the vault; only which way was chosen stands in the event. PIPL art. 13(1), 15: a
consent of their own for each way, taken back at any time (rights.CONSENT), and with it the address goes.
"""

from __future__ import annotations

from collections.abc import Iterable

from minan.kernel import rights, ways
from minan.kernel.procedure import Ask, Change, Field, State, Step, Words

W = Words
TELL, WAY_GONE, UNTOLD, REACHED = "tell_me", "way_gone", "untold", "reached"
MARK = "untold"  # no notice reached the speaker: somebody calls them
OPTIONS = tuple((way, ways.LABELS[way]) for way in ways.MORE)
VERSION = 1  # of the words by which the consent is given


def is_untold(ask: Ask) -> Words | None:
    return None if ask.marks.get(MARK) else W("这件事没有送不到的通知", "No notice of this case failed to arrive")


def not_untold(ask: Ask) -> Words | None:
    return W("已经记下了", "That is written down already") if ask.marks.get(MARK) else None


def chosen(ask: Ask) -> Change:
    """The consent for one way; the address itself is sealed and not seen here."""
    way = ask.facts["way"]
    rows = dict(ask.case["facts"].get(rights.CONSENTS) or {}) | {
        way: {"yes": True, "at": ask.at.isoformat(), "v": VERSION}
    }
    return Change(facts={rights.CONSENTS: rows})


def forgotten(ask: Ask) -> Change:
    way = ask.facts["way"]
    rows = dict(ask.case["facts"].get(rights.CONSENTS) or {}) | {
        way: {"yes": False, "at": ask.at.isoformat(), "v": VERSION}
    }
    return Change(facts={rights.CONSENTS: rows}, erases=(ways.FACTS[way],))


def marked(ask: Ask) -> Change:
    return Change(marks={MARK: True})


def cleared(ask: Ask) -> Change:
    return Change(marks={MARK: None})


def steps(states: Iterable[State]) -> tuple[Step, ...]:
    every = tuple(state.name for state in states)
    way = Field("way", W("哪一样", "Which"), "choice", required=True, options=OPTIONS)
    return (
        Step(
            TELL, W("怎么告诉我", "How to tell me"), ("speaker",), every, rules=(rights.has_contact,), effect=chosen,
            fields=(
                way, Field("email", W("邮箱", "E-mail address"), "email", data="P2"),
                Field("push", W("这台设备的通知地址", "Notice address of a device"), "push", data="P2"),
                Field("openid", W("微信里的编号", "WeChat id"), "openid", data="P2"),
            ),
            done=W("您加了一种通知的办法", "You added a way to be told"),
        ),
        Step(
            WAY_GONE, W("这条通知的路断了", "A way to tell is gone"), ("clock",), every, fields=(way,), effect=forgotten, public=False,
            done=W("设备退订了，地址已经擦掉", "The device ended its subscription; the address is erased"),
        ),
        Step(
            UNTOLD, W("说事人没有收到通知", "The speaker got no notice"), ("clock",), every, rules=(not_untold,), effect=marked, tells=("desk",),
            public=False, done=W("短信等都没有送到，请打电话告诉说事人", "No text or other notice arrived: call the speaker"),
        ),
        Step(
            REACHED, W("已经打电话告诉了", "Told by phone"), ("desk", "lead"), every, rules=(is_untold,), effect=cleared,
            done=W("打电话把进展告诉了您", "You were told by phone"),
        ),
    )  # fmt: skip
