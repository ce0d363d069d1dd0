"""One matter while it is being said: read from a form, looked at again as often as needed, sent once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.channels.web import aloud, apart, capability, guess, onetime, staging, where
from minan.channels.web.aloud import Aloud
from minan.channels.web.apart import Apart
from minan.channels.web.forms import Say, put_errors
from minan.channels.web.staging import Kept
from minan.channels.web.where import Where
from minan.kernel import access, act, directory, emergency, facts, questions, registry
from minan.kernel.act import Opened, Refused
from minan.lib.text import neutral

PROCEDURE = "matter"
WORDS = ("text", "place_words", "name", "phone")
LOOKS = ("find", "below", "clear", "hints")  # presses that only look something up
ANSWER = "q_"


def open_to_all() -> bool:
    """Whether matters can be said here at all: the folder that declares them may have been taken out."""
    return registry.get(PROCEDURE) is not None


@dataclass(slots=True)
class Saying:
    key: str
    words: dict[str, str] = field(default_factory=dict)
    visit: bool = False
    place: Where = field(default_factory=Where)
    kind: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    photos: list[Kept] = field(default_factory=list)
    wrong_photos: list[str] = field(default_factory=list)
    voice: Aloud | None = None
    wrong_voice: str = ""
    do: str = ""
    refused: Refused | None = None
    too_many: bool = False
    sent: bool = False  # it was meant to be sent: what is missing is said
    capability: str = ""  # the hash of what this browser made to judge with
    apart: Apart = field(default_factory=Apart)
    anonymous: bool = False  # 不留名: no name, phone, account or moment; a codeword instead

    @classmethod
    def fresh(cls) -> Saying:
        return cls(onetime.new())

    @classmethod
    def read(cls, request: HttpRequest) -> Saying:
        """All that a form handed in; new photos are cleaned and put aside at once, so that no error loses them."""
        post = request.POST
        do = post.get("do", "") if post.get("do", "") in LOOKS else ""
        kept, wrong = staging.gather(post.getlist("kept"), request.FILES.getlist("photos"))
        hidden = Apart.read(post)
        nobody = bool(post.get("anonymous")) or hidden.confidential or hidden.report
        voice, unheard = aloud.heard(request, nobody=nobody and "HX-Request" not in request.headers)  # a tick alone throws nothing away
        words = {name: neutral(post.get(name, "")).strip() for name in WORDS}
        return cls(
            onetime.own(post.get("key", "")), words, bool(post.get("visit")), where.read(post, do), _kind(post), _answers(post),
            kept, wrong, voice, unheard, do,
            capability=capability.hash_of(post.get("capability", "")), anonymous=bool(post.get("anonymous")),
            apart=hidden,
        )  # fmt: skip

    # ---- what the page shows

    @property
    def form(self) -> Say:
        """Bound, with its errors, only after it was meant to be sent."""
        values: dict[str, Any] = {**self.words, "visit": self.visit, "anonymous": self.anonymous}
        values |= {name: getattr(self.apart, name) for name in ("confidential", "report", "about_words")}
        if not self.sent:
            return Say(initial=values)
        form = Say(values)
        lang = get_language() or "zh-hans"
        put_errors(form, dict(self.refused.errors) if self.refused is not None else {}, lang)
        if self.refused is not None and self.refused.rule != "facts":
            form.add_error(None, self.refused.reason.into(lang))
        if self.wrong_photos:
            form.add_error("photos", " ".join(self.wrong_photos))
        if self.wrong_voice:
            form.add_error("voice", self.wrong_voice)
        if not self.said:
            form.add_error("text", _("写一句就行，或者用嘴说：什么事，在哪儿"))
        if self.apart.unclear(self.place.place):
            form.add_error("about_words", _("没有认出是哪个单位，写全名，或者选好地点后从列表里选。"))
        if self.place.outside:
            form.add_error(None, _("地图上点的地方不在本市，换一处，或者用字写。"))
        return form

    @property
    def calls(self) -> list[str]:
        return emergency.numbers(f"{self.words.get('text', '')} {self.words.get('place_words', '')}")

    @property
    def guesses(self) -> list[guess.Guess]:
        found = guess.kinds(self.words.get("text", ""))
        chosen = directory.city().kinds.get(self.kind)
        if chosen is not None and all(one.kind.code != chosen.code for one in found):
            found = [guess.Guess(chosen, ()), *found]
        return found

    @property
    def units(self) -> list[Any]:
        """The units over the chosen place, one of which it may be about."""
        return self.apart.options(self.place.place)

    @property
    def kinds(self) -> list[Any]:
        return [kind for kind in directory.city().kinds.values() if kind.active]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The questions of the chosen kind that apply to what was answered so far, with these answers."""
        told = questions.asked(questions.of_kind(self.kind), self.answers) if self.kind else []
        return [
            {"ask": q, "name": ANSWER + q.code, "value": self.answers.get(q.code, ""), "choices": _choices(q)} for q in told
        ]

    @property
    def answered(self) -> list[tuple[str, str]]:
        """The answers as a form carries them on; in a template `answers.items` would be an answer to a question of that name."""
        return list(self.answers.items())

    # ---- sending

    @property
    def said(self) -> bool:
        """Something was typed, or said aloud."""
        return bool(self.words.get("text") or self.voice)

    @property
    def asks(self) -> bool:
        return bool(self.do)

    @property
    def ready(self) -> bool:
        """Nothing stands in the way on our side; the kernel may still object."""
        unclear = self.apart.unclear(self.place.place)
        wrong = self.wrong_photos or self.wrong_voice or self.place.outside or unclear
        return self.said and not wrong

    def send(self, user: Any) -> Opened | None:
        """Open the matter. None: not taken, `form` says why, and everything is still there."""
        self.sent = True
        if not self.ready:
            self.refused = self._objections()
            return None
        staff = access.is_staff(user)
        done = act.open_case(
            apart.REPORT if self.apart.report else PROCEDURE, by=access.SPEAKER, facts=self.facts(), channel="web", key=self.event,
            lang=get_language() or "zh-hans",
            account=str(user.pk) if user.is_authenticated and not staff else "", where=self.place.point, secret=self.secret(),
            capability="" if self.anonymous else self.capability, by_hand=staff, anonymous=self.anonymous,
        )  # fmt: skip
        if isinstance(done, Refused):
            self.refused = done
            return None
        return done

    def _objections(self) -> Refused | None:
        """What the kernel would say of the rest, so that all errors are told at once."""
        procedure = registry.get(PROCEDURE)
        errors = facts.clean(procedure.opening, self.facts()).errors if procedure else {}
        return Refused(act.UNFIT, 422, "facts", {name: words for name, words in errors.items() if name != "text"})

    @property
    def event(self) -> str:
        """The key of this press: another one when the words, the place or the wish for a name were changed meanwhile."""
        how = (self.voice.sha256,) if self.voice else ()
        how += (("nameless",) if self.anonymous else ()) + ((repr(self.apart),) if self.apart.asked else ())
        return onetime.event_key(self.key, self.words["text"], self.words["place_words"], self.place.place, *how)

    def secret(self) -> str:
        """The speaker's secret; the codeword of who speaks without a name."""
        return (onetime.codeword if self.anonymous else onetime.secret)(self.event, self.key)

    def facts(self) -> dict[str, Any]:
        """What the opening step is handed, in the kernel's names."""
        pictures = [picture for kept in self.photos if (picture := kept.picture())]
        asked = {row["ask"].code for row in self.questions}
        unasked = {"name": "", "phone": "", "visit": False} if self.anonymous else {}
        return {
            **self.words, "about": self.apart.unit(self.place.place), "confidential": self.apart.confidential,
            "place": self.place.place, "kind": self.kind, "photos": pictures,
            "voice": self.voice.recording() if self.voice else None, "visit": self.visit, **unasked,
            "answers": {code: said for code, said in self.answers.items() if code in asked},
        }  # fmt: skip


def _choices(question: Any) -> list[dict[str, str]]:
    lang = get_language() or "zh"
    return [{"value": value, "label": words.into(lang)} for value, words in questions.values(question).items()]


def _kind(post: QueryDict) -> str:
    """The chosen kind; the full list wins over the proposals, "none" takes a choice back."""
    code = post.get("kind_list") or post.get("kind") or ""
    kind = directory.city().kinds.get(code)
    return code if kind is not None and kind.active else ""


def _answers(post: QueryDict) -> dict[str, str]:
    given = {
        name[len(ANSWER) :]: neutral(str(value)).strip()[:400]
        for name, value in post.items()
        if name.startswith(ANSWER)
    }
    return {name: said for name, said in given.items() if said}
