"""A form made of a step's declared fields: offices limited to the place, the duty list's proposal first, closed lists as they stand.

The form draws and carries; it does not judge. What is handed in goes as it is through the one door, whose refusal is
written back beside the fields (`tell`), with everything typed kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from minan.kernel import choices, directory, guess, hiding, kept, questions, routing, standard
from minan.kernel.act import Refused
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.labels import english, into, kind_name, name_of, office_name
from minan.kernel.models import Case, Question
from minan.kernel.pictures import Picture, Unfit, clean
from minan.kernel.procedure import Field, Step, Words

SEG_MOST, SEG_LETTERS = 4, 7  # so many choices of so many characters stand side by side; more go under one another
RADIOS_MOST = 5
YES_NO = ("true", "false")
UNREAD = Words("照片没有读出来，请再选一次", "The photos could not be read; choose them again")


class Photos(forms.FileInput):
    """Several pictures at once, from the camera of a phone."""

    allow_multiple_selected = True


def _choice(spec: Field) -> forms.Field:
    options = [(value, into(label)) for value, label in spec.options]
    if len(options) > RADIOS_MOST or not spec.required:
        return forms.ChoiceField(choices=[("", "—"), *options])
    return _radios(options)


def select(options: Sequence[Any], label: Any, *, required: bool = True) -> Any:
    """A list to open, empty until chosen, whose `options` (or groups of them) are known only when the page is made."""
    field: Any = forms.ChoiceField(choices=[("", "—"), *options], label=label, required=required)
    _say_first(field, required)
    field.shape, field.wide, field.finds = "", False, False
    return field


def _say_first(field: forms.Field, required: bool) -> None:
    """The empty line of a list says what to do with it: choose, leave it, or first look the place up below."""
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField):
        listed: list[Any] = list(field.choices)  # type: ignore[arg-type]
        first, rest = listed[0] if listed else ("", ""), listed[1:]
        if first == ("", "—"):
            words = _("不选") if not required else _("请选") if rest else _("先在下面写名字，按“找”")
            field.choices = [("", words), *rest]


def _radios(options: list[tuple[str, str]]) -> forms.Field:
    field = forms.ChoiceField(choices=options, widget=forms.RadioSelect)
    longest = max(len(label) for _value, label in options) / (2 if english() else 1)
    field.shape = "seg" if len(options) <= SEG_MOST and longest <= SEG_LETTERS else ""  # type: ignore[attr-defined]
    field.wide = len(options) > len(YES_NO)  # type: ignore[attr-defined]
    return field


def _long(spec: Field) -> forms.Field:
    field = forms.CharField(max_length=spec.max_length, widget=forms.Textarea(attrs={"rows": 2}))
    field.wide = True  # type: ignore[attr-defined]
    return field


def _photos(_spec: Field) -> forms.Field:
    attrs = {"accept": "image/*", "capture": "environment", "multiple": True}
    return forms.FileField(widget=Photos(attrs=attrs))


def _date(_spec: Field) -> forms.Field:
    today = timezone.localdate()
    return forms.CharField(
        widget=forms.DateInput(attrs={"type": "date", "min": (today + timedelta(days=1)).isoformat()})
    )


def _moment(_spec: Field) -> forms.Field:
    return forms.CharField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


def _units(place: str) -> forms.Field:
    """Several offices at once: a box for each that works there, in a list that scrolls."""
    rows = [row for _title, group in choices.units(place)[1:] for row in group if isinstance(row, tuple)]
    field = forms.MultipleChoiceField(choices=rows, widget=forms.CheckboxSelectMultiple)
    field.wide, field.shape = True, "many"  # type: ignore[attr-defined]
    return field


def _text(spec: Field) -> forms.Field:
    return forms.CharField(max_length=spec.max_length, widget=forms.TextInput(attrs={"autocomplete": "off"}))


def _made(spec: Field, place: str, found: list[choices.Group]) -> forms.Field:
    """The form field of one declared field."""
    if spec.type == "choice":
        return _choice(spec)
    if spec.type == "yesno":
        return _radios(list(zip(YES_NO, (_("是"), _("否")), strict=True)))
    if spec.type == "kind":
        return forms.ChoiceField(choices=choices.kinds())
    if spec.type == "unit":
        return forms.ChoiceField(choices=choices.units(place))
    if spec.type == "units":
        return _units(place)
    if spec.type == "staff":
        return forms.ChoiceField(choices=choices.staff(place))
    if spec.type == "ground":
        return forms.ChoiceField(choices=choices.grounds(spec.source))
    if spec.type == "place":
        field = forms.ChoiceField(choices=[("", "—"), *found])
        field.finds = spec.required or not directory.within(place, "town")  # type: ignore[attr-defined]
        field.wide = field.finds  # type: ignore[attr-defined]
        return field
    if spec.type == "fragments":
        return forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    if spec.type == "drawn":
        return forms.CharField(widget=forms.HiddenInput(attrs={"data-drawn": ""}))
    if spec.type == "phone":
        return forms.CharField(widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))
    if spec.type == "number":
        return forms.CharField(widget=forms.NumberInput())
    return {"long": _long, "photos": _photos, "date": _date, "moment": _moment}.get(spec.type, _text)(spec)


class StepForm(forms.Form):
    """The questions of one step, on a case or before there is one; plus its key, the counter seen and the standard answers."""

    use_required_attribute = False

    def __init__(
        self, specs: tuple[Field, ...], *, place: str, values: Mapping[str, Any], found: list[choices.Group] | None = None,
        answers: list[standard.Answer] | None = None, moves: int = 0, data: Any = None, files: Any = None,
        asked: list[Question] | None = None,
    ) -> None:  # fmt: skip
        initial = {"key": uuid4().hex, "moves": moves} | dict(values)
        super().__init__(data, files, initial=initial, auto_id="f-%s", label_suffix="")
        self.asking = any(s.type == "answers" for s in specs) and bool(asked)
        specs = tuple(s for s in specs if s.type != "voice")  # who sits at a desk writes; a voice is sent by who speaks
        self.specs = tuple(one for s in specs for one in (questions.fields(asked or ()) if s.type == "answers" else (s,)))
        self.answers, self.asked = answers or [], asked or []
        for spec in self.specs:
            field = _made(spec, place, found or [])
            field.label, field.required = into(spec.label), spec.required
            _say_first(field, spec.required)
            field.help_text = into(spec.hint) if spec.hint else ""
            field.wide = getattr(field, "wide", False)  # type: ignore[attr-defined]
            field.shape = getattr(field, "shape", "")  # type: ignore[attr-defined]
            field.finds = getattr(field, "finds", False)  # type: ignore[attr-defined]
            self.fields[spec.name] = field
        self.fields["key"] = forms.CharField(widget=forms.HiddenInput)
        self.fields["moves"] = forms.CharField(widget=forms.HiddenInput)
        self.fields["kept"] = forms.CharField(widget=forms.HiddenInput)
        self.pictures: list[Picture] = []

    def full_clean(self) -> None:
        """Nothing is judged here: the door does, with the same words for pages and programs."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    # ---- what was handed in

    @property
    def key(self) -> str:
        """The key of this form's one event: pressing twice gives the same event."""
        try:
            return UUID(str(self.data.get("key", ""))).hex
        except ValueError:
            return uuid4().hex

    @property
    def moves(self) -> int | None:
        seen = str(self.data.get("moves", ""))
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None

    def facts(self) -> dict[str, Any] | None:
        """The values by field name, pictures cleaned; None, with the reason beside the field, where a picture is unfit."""
        own = [s for s in self.specs if not s.name.startswith(questions.PREFIX)]
        out: dict[str, Any] = {s.name: self._given(s) for s in own if s.type != "photos"}
        if self.asking:
            out["answers"] = self._answered()
        files = self.files if isinstance(self.files, MultiValueDict) else MultiValueDict()
        for spec in self.specs:
            if spec.type == "photos":
                pictures = self._pictures(spec.name, files.getlist(spec.name))
                if pictures is None:
                    return None
                self.pictures = out[spec.name] = kept.again(str(self.data.get("kept", "")), self.key) + pictures
        chosen = next((a for a in self.answers if a.code == self.data.get("standard")), None)
        asked = self.long_field()
        if chosen and asked and not str(out.get(asked, "")).strip():
            out[asked] = chosen.text
        return out

    def _answered(self) -> dict[str, str]:
        """The answers to the extra questions; what was not asked after these is left out."""
        names = [s.name for s in self.specs if s.name.startswith(questions.PREFIX)]
        said = {name.removeprefix(questions.PREFIX): str(self.data.get(name, "")).strip() for name in names}
        there = {q.code for q in questions.asked(self.asked, said)}
        return {code: text for code, text in said.items() if text and code in there}

    def _given(self, spec: Field) -> Any:
        if spec.type in ("fragments", "units") and isinstance(self.data, MultiValueDict):
            return self.data.getlist(spec.name)
        return self.data.get(spec.name, "")

    def _pictures(self, name: str, files: list[Any]) -> list[Picture] | None:
        try:
            return [clean(f.read()) for f in files[: PHOTOS_MAX + 1]]
        except Unfit as unfit:
            self.add_error(name, _(unfit.message))
            return None

    def long_field(self) -> str:
        """The field a standard answer goes into: the first long one."""
        return next((s.name for s in self.specs if s.type == "long" and s.name != "text"), "")

    # ---- what is told back

    @property
    def held(self) -> int:
        """How many photos of an earlier try are still there."""
        return len(kept.again(str(self.data.get("kept", "")), self.key)) if self.is_bound else 0

    def hold(self) -> None:
        """Keep the photos for the next try: a file field cannot be filled again, and nobody should have to take them twice."""
        if self.pictures:
            self.data = {name: self.data.get(name, "") for name in self.data} | {
                "kept": kept.token(self.pictures, self.key)
            }

    def tell(self, refused: Refused) -> None:
        """Write a refusal beside the fields it is about, or above them all."""
        for name, reason in refused.errors.items():
            self.add_error(name if name in self.fields else None, into(reason))
        if not refused.errors:
            self.add_error(None, into(refused.reason))
        self.hold()


def values_of(case: Case) -> dict[str, Any]:
    """What a case already says to questions that ask for it again."""
    return {
        "kind": case.kind,
        "place": case.place,
        "place_words": case.place_words,
        "urgency": case.urgency,
        "size": case.size,
    }


def proposal(case: Case) -> tuple[str, str]:
    """The unit that routing rules and duty list name for a case, and why in words; ("", "") where kind or place do not say."""
    why = routing.for_case(case.as_view())
    if why is None:
        return "", ""
    stop, colon = (". ", ": ") if english() else ("。", "：")
    rule = f"{why.rule}{colon}{why.article}" if why.article else why.rule
    return why.unit, f"{into(why.words)}{stop}{rule}"


def of_step(
    step: Step,
    case: Case,
    *,
    unit: str = "",
    find: str = "",
    fill: str = "",
    given: Mapping[str, Any] | None = None,
    data: Any = None,
    files: Any = None,
) -> StepForm:
    """The form of `step` on `case`. `unit`: the asker's, whose places come first; `find`: a place looked for; `fill`: the code of
    a standard answer to begin with; `given`: values that win over the case's own; `data`, `files`: what was handed in."""
    values, asked = values_of(case), {s.type for s in step.fields}
    why = ""
    leads = any(s.name == "unit" and s.type == "unit" for s in step.fields)
    if leads:
        values["unit"], why = proposal(case)
    answers = standard.for_step(step, case) if "long" in asked else []
    chosen = next((a for a in answers if a.code == fill), None)
    if chosen:
        values |= {s.name: chosen.text for s in step.fields if s.type == "long"}
    drafted = step.draft(case.as_view()) if step.draft is not None else ""
    if drafted:
        values |= {s.name: drafted for s in step.fields if s.type == "long"}
    found = choices.places_for(case, unit, find) if "place" in asked else []
    rows = questions.of_kind(case.kind, case.edition) if "answers" in asked else []
    said = {questions.PREFIX + code: text for code, text in (case.facts.get("answers") or {}).items()}
    form = StepForm(
        step.fields, place=case.place, values=values | said | dict(given or {}), found=found, answers=answers, moves=case.moves,
        data=data, files=files, asked=questions.asked(rows, case.facts.get("answers") or {}, open_too=True),
    )  # fmt: skip
    for spec in step.fields:
        if spec.type == "fragments":
            form.fields[spec.name].choices = [(said, said) for said in hiding.of_case(case)]  # type: ignore[attr-defined]
            form.fields[spec.name].wide = True  # type: ignore[attr-defined]
    if drafted:
        form.fields[form.specs[0].name].help_text = _("机器转写，请核对：听一遍录音，改成原话再记下。")
    if "kind" in form.fields and not case.kind:
        propose_kind(form, f"{case.title}\n{case.text}")
    if "place" in form.fields and find:
        _say_found(form, find)
    if why:
        form.fields["unit"].help_text = _("归%(unit)s。%(why)s") % {
            "unit": office_name(values["unit"]),
            "why": why,
        }
        form.fields["unit"].wide = True  # type: ignore[attr-defined]  # the reason is a sentence
    elif leads:
        kind = kind_name(case.kind) or _("还没定种类")
        form.fields["unit"].help_text = _("职责清单没有写明“%(kind)s”归谁，请您定。") % {"kind": kind}
    return form


def propose_kind(form: StepForm, text: str) -> bool:
    """The likeliest kind chosen beforehand, with the words it was proposed for; who takes the step confirms it. False: none."""
    likeliest = next(iter(guess.kinds(text, 1)), None)
    if likeliest is None:
        return False
    if form.is_bound:
        form.data = {name: form.data.get(name, "") for name in form.data} | {"kind": likeliest.kind.code}
    form.initial["kind"] = likeliest.kind.code
    said = "".join(f"“{word}”" for word in likeliest.because)
    form.fields["kind"].help_text = _("像是%(kind)s，因为写了%(words)s") % {
        "kind": name_of(likeliest.kind),
        "words": said,
    }
    return True


def _say_found(form: StepForm, find: str) -> None:
    """What a look for a place found; chosen beforehand only where it is the only one."""
    codes = choices.looked_for(find)
    form.initial["place"] = codes[0] if len(codes) == 1 else ""
    names = "、".join(directory.place_name(code, full=True) for code in codes[:5])
    form.fields["place"].help_text = (
        _("找到 %(n)d 处，请从下面选：%(names)s") % {"n": len(codes), "names": names}
        if codes
        else _("没有找到“%(find)s”") % {"find": find}
    )


def asked_of(step: Step, kind: str, data: Any) -> StepForm:
    """Only the questions of a kind, with what was answered so far."""
    specs = tuple(s for s in step.fields if s.type == "answers")
    said = {q.code: str(data.get(questions.PREFIX + q.code, "")) for q in questions.of_kind(kind)}
    asked = questions.asked(questions.of_kind(kind), said, open_too=True)
    values = {questions.PREFIX + code: text for code, text in said.items()}
    return StepForm(specs, place="", values=values, asked=asked)


def of_opening(
    step: Step, settling: Step | None, unit: str, *, find: str = "", data: Any = None, files: Any = None
) -> StepForm:
    """One form for taking in what somebody says at a counter and settling it there: the questions of both steps, each once."""
    specs = {s.name: s for s in (settling.fields if settling else ())} | {s.name: s for s in step.fields}
    office = directory.office(unit)
    place = office.place if office else ""
    values = {"place": place if directory.within(place, "town") else "", "outcome": "solved"}
    answers = standard.for_step(settling, None) if settling else []
    found = choices.places_for(None, unit, find)
    asked = questions.of_kind(str(data.get("kind", ""))) if data is not None else []
    form = StepForm(
        tuple(specs.values()), place=place, values=values, found=found, answers=answers, data=data, files=files, asked=asked
    )
    if find and "place" in form.fields:
        _say_found(form, find)
    if "kind" in form.fields:
        form.fields["kind"].widget.attrs |= {
            "hx-get": reverse("kernel:new_questions"), "hx-trigger": "change", "hx-target": "#asked", "hx-swap": "outerHTML",
            "hx-include": "#asked",  # never the whole form: names and numbers do not belong into an address
        }  # fmt: skip
    return form
