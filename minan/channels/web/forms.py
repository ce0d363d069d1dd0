"""The forms of the resident's pages. What is right and wrong the kernel decides; these only draw and carry."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minan.kernel.procedure import Field, Step, Words

TEXT_MOST, WHERE_MOST = 4000, 200


class Photos(forms.FileInput):
    allow_multiple_selected = True


def photos() -> forms.FileField:
    """The camera tile: several photos, previews by photo.js."""
    return forms.FileField(
        label=_("加照片"), required=False, widget=Photos(attrs={"accept": "image/*", "multiple": True})
    )


def voice() -> forms.FileField:
    """A recording: drawn by shell/parts/voice.html."""
    return forms.FileField(label=_("不方便打字？用嘴说"), required=False)


class Say(forms.Form):
    """What a person may write in their own words; place, kind and questions are drawn by templates of their own."""

    text = forms.CharField(
        label=_("什么事？在哪儿？"),
        help_text=_("怎么说都行。有多急、影响了谁，也可以写上。"),
        max_length=TEXT_MOST,
        required=False,  # or said aloud: saying.py
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    voice = voice()
    photos = photos()
    place_words = forms.CharField(
        label=_("在哪儿"), help_text=_("哪个村、哪条路、门牌，或者旁边有什么"), max_length=WHERE_MOST, required=False
    )
    name = forms.CharField(
        label=_("怎么称呼您"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("电话"),
        max_length=40,
        required=False,
        help_text=_("不留也行，凭编号查。被说到的单位看不到。"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    visit = forms.BooleanField(label=_("办好后打电话告诉我"), required=False)
    anonymous = forms.BooleanField(
        label=_("不留名"),
        help_text=_("不问您是谁，也不记。给您一个口令（六个词），抄下来，以后凭编号和口令查。口令丢了补不了。"),
        required=False,
    )

    about_words = forms.CharField(
        label=_("说的是哪个单位"),
        help_text=_("写了或选了，这个单位和归它管的都看不到，由上一级来办"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    confidential = forms.BooleanField(
        label=_("保密：除了办这件事的人，谁都看不到内容"),
        help_text=_("您的话锁在保险箱里，要两个单位的人同意才打开，每次您都看得到。不能附照片"),
        required=False,
    )
    report = forms.BooleanField(
        label=_("举报公职人员违纪违法"),
        help_text=_("直接密封交给县（市、区）纪委监委，说事站和别的单位都看不到，也查不到有这件事。也可以拨 12388"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class Secret(forms.Form):
    """The secret of one matter; with `code` where the address does not name it."""

    code = forms.CharField(
        label=_("编号"),
        help_text=_("回执上的 15 个字，横线可不写"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=_("取件码或口令"),
        help_text=_("取件码是回执上编号下面的那一行；没有留名的，填您抄下的六个词。没有它，只看得到办到哪一步"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


# How a yes-or-no is asked of the person who judges.
ASKED: dict[tuple[str, str], tuple[tuple[str, Any], ...]] = {
    ("rate", "solved"): (("true", _("好了")), ("false", _("还没好"))),
    ("rate", "satisfied"): (("true", _("满意")), ("false", _("不满意"))),
    ("rate", "contacted"): (("true", _("联系过")), ("false", _("没有"))),
    ("object", "solved"): (("false", _("没办好，要重办")), ("true", _("办了，但我不认这个结果"))),
}
YES_NO: tuple[tuple[str, Any], ...] = (("true", _("是")), ("false", _("否")))


def of_step(step: Step, lang: str) -> type[forms.Form]:
    """A form class with the step's fields in the page's language; types a speaker is never asked for are left out."""
    made: dict[str, forms.Field] = {}
    for spec in step.fields:
        drawn = _drawn(step, spec, lang)
        if drawn is not None:
            made[spec.name] = drawn
    return type("StepForm", (forms.Form,), made)


def _drawn(step: Step, spec: Field, lang: str) -> forms.Field | None:
    said: dict[str, Any] = {
        "label": spec.label.into(lang), "required": spec.required and not spec.unless,
        "help_text": spec.hint.into(lang) if spec.hint else "",
        "error_messages": {"required": _("这一项要填")},
    }  # fmt: skip
    if spec.type == "long":
        return forms.CharField(**said, max_length=spec.max_length, widget=forms.Textarea(attrs={"rows": 4}))
    if spec.type == "text":
        return forms.CharField(**said, max_length=spec.max_length)
    if spec.type == "yesno":
        choices = ASKED.get((step.name, spec.name), YES_NO)
        return forms.ChoiceField(**said, choices=choices, widget=forms.RadioSelect)
    if spec.type == "choice":
        choices = tuple((name, words.into(lang)) for name, words in spec.options)
        return forms.ChoiceField(**said, choices=choices, widget=forms.RadioSelect)
    return {"photos": photos, "voice": voice}[spec.type]() if spec.type in ("photos", "voice") else None


def put_errors(form: forms.Form, errors: dict[str, Words], lang: str) -> None:
    """The kernel's objections beside the fields they are about; those about nothing drawn stand above."""
    form.full_clean()
    for name, words in errors.items():
        field = name if name in form.fields else None
        if field is None or field not in form.errors:
            form.add_error(field, words.into(lang))
