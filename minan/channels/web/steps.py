"""One step of the speaker: its form, what was typed when it was refused, and the one door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minan.channels.web import aloud, onetime, staging, story
from minan.channels.web.aloud import Aloud
from minan.channels.web.capability import Judging
from minan.channels.web.forms import of_step, put_errors
from minan.channels.web.staging import Kept
from minan.kernel import act, registry
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Refused
from minan.kernel.models import Case
from minan.kernel.procedure import Step


def declared(case: Case, name: str) -> Step | None:
    """The step, where it is one a speaker may take at all."""
    procedure = registry.get(case.procedure)
    step = procedure.step(name) if procedure else None
    return (
        step
        if step is not None and "speaker" in step.who and procedure is not None and step is not procedure.opening
        else None
    )


def known(name: str) -> bool:
    """Whether any procedure gives speakers a step of this name: what is no page at all is one for nobody."""
    found = (procedure.step(name) for procedure in registry.procedures().values())
    return any(step is not None and "speaker" in step.who for step in found)


@dataclass(slots=True)
class Taking:
    case: Case
    step: Step
    key: str
    moves: int
    values: dict[str, str] = field(default_factory=dict)
    photos: list[Kept] = field(default_factory=list)
    wrong_photos: list[str] = field(default_factory=list)
    voice: Aloud | None = None
    wrong_voice: str = ""
    refused: Refused | None = None
    posted: bool = False
    too_many: bool = False
    judging: Judging | None = None  # where the step is a judgement: what it counts as

    @classmethod
    def fresh(cls, case: Case, step: Step, request: HttpRequest) -> Taking:
        """As first opened; ?solved=false comes from the two buttons under an answer."""
        values = {f.name: request.GET[f.name] for f in step.fields if f.type == "yesno" and f.name in request.GET}
        judging = Judging.of(request.user, case, step.name)
        return cls(case, step, onetime.new(), case.moves, values, judging=judging)

    @classmethod
    def read(cls, case: Case, step: Step, request: HttpRequest) -> Taking:
        post = request.POST
        kept, wrong = staging.gather(post.getlist("kept"), request.FILES.getlist("photos"))
        values = {f.name: post.get(f.name, "") for f in step.fields if f.type not in ("photos", "voice")}
        voice, unheard = aloud.heard(request)
        moves = post.get("moves", "")
        seen = int(moves) if moves.isascii() and moves.isdigit() and len(moves) < 9 else -1
        judging = Judging.of(request.user, case, step.name, post.get("capability", ""))
        return cls(case, step, onetime.own(post.get("key", "")), seen, values, kept, wrong, voice, unheard, posted=True, judging=judging)

    @property
    def lang(self) -> str:
        return get_language() or "zh-hans"

    @property
    def offered(self) -> bool:
        """Whether the step leads from the case's state at all."""
        procedure = registry.get(self.case.procedure)
        return procedure is not None and self.step in procedure.steps_from(self.case.state)

    @property
    def closed_because(self) -> str:
        """Why the form is not even shown; "" where it is."""
        if not self.offered:
            return _("现在这一步走不了：它已经到了“%(state)s”") % {
                "state": story.label(self.case)["en" if self.lang.startswith("en") else "zh"]
            }
        words = story.refusal(self.case, self.step, timezone.now())
        return words.into(self.lang) if words else ""

    @property
    def stale(self) -> bool:
        return self.refused is not None and self.refused.status == 409

    @property
    def form(self) -> forms.Form:
        made = of_step(self.step, self.lang)
        if not self.posted:
            return made(initial=self.values, label_suffix="")
        form = made(self.values, label_suffix="")
        errors = dict(self.refused.errors) if self.refused is not None else {}
        put_errors(form, errors, self.lang)
        if self.wrong_photos and "photos" in form.fields:
            form.add_error("photos", " ".join(self.wrong_photos))
        if self.wrong_voice and "voice" in form.fields:
            form.add_error("voice", self.wrong_voice)
        return form

    @property
    def reason(self) -> str:
        """The rule that refused it, in words; what is wrong with a field stands at the field."""
        if self.refused is None or self.refused.errors or self.stale:
            return ""
        return self.refused.reason.into(self.lang)

    def take(self) -> bool:
        """Through the one door. False: `form`, `reason` or `stale` say why; nothing typed is lost."""
        if self.wrong_photos or self.wrong_voice or (self.judging and self.judging.mistyped):
            return False
        facts: dict[str, Any] = {
            **self.values,
            "photos": [picture for kept in self.photos if (picture := kept.picture())],
            "voice": self.voice.recording() if self.voice else None,
        }
        heard = (self.voice.sha256,) if self.voice else ()
        event = onetime.event_key(self.key, self.case.code, self.step.name, *self.values.values(), *heard)
        by = Actor("speaker", cast=self.judging.cast) if self.judging else SPEAKER
        done = act.act(self.case, self.step.name, by=by, facts=facts, key=event, moves=self.moves)
        if isinstance(done, Refused):
            self.refused = done
            self.case.refresh_from_db()
            return False
        return True

    @property
    def status(self) -> int:
        if self.too_many:
            return 429
        return self.refused.status if self.refused is not None and self.refused.status != 403 else 422
