"""The forms: a device entered, what a camera's sign says, a picture asked for."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel import labels
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.systems.devices import cameras, registry
from minan.systems.devices.kinds import BEAT_LEAST, BEAT_MOST, KINDS
from minan.systems.devices.look import CAMERAS_MOST, GROUNDS
from minan.systems.devices.models import Camera

NAME = re.compile(r"(?!minan)[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


def said(options: Any) -> list[tuple[str, str]]:
    """Options in the page's language."""
    return [(name, labels.into(words)) for name, words in options]


class DeviceForm(forms.Form):
    """Entering a device: of one's own places only."""

    kind = forms.ChoiceField(label=gettext_lazy("什么设备"))
    place = forms.ChoiceField(label=gettext_lazy("在哪个村、社区"))
    mounted = forms.CharField(
        label=gettext_lazy("装在哪里"), max_length=120, help_text=gettext_lazy("看得懂、找得到：3 号楼 2 单元 5 楼楼道")
    )
    unit = forms.ChoiceField(label=gettext_lazy("归谁管"), help_text=gettext_lazy("告警和故障先到这个单位"))
    maker = forms.CharField(label=gettext_lazy("厂家、型号"), max_length=60, required=False)
    serial = forms.CharField(label=gettext_lazy("厂家编号"), max_length=60, required=False)
    beat = forms.IntegerField(
        label=gettext_lazy("多少秒报一次平安"), min_value=BEAT_LEAST, max_value=BEAT_MOST, required=False,
        help_text=gettext_lazy("不填用这类设备的默认值；烟感最长 100 秒"),
    )  # fmt: skip
    filings = forms.CharField(label=gettext_lazy("许可、备案"), max_length=200, required=False)
    purpose = forms.CharField(label=gettext_lazy("摄像机：采集的用途"), max_length=120, required=False)
    filing = forms.CharField(label=gettext_lazy("摄像机：公安备案号"), max_length=60, required=False)
    sign_on = forms.DateField(
        label=gettext_lazy("摄像机：哪天挂的标识"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    answers = forms.CharField(label=gettext_lazy("摄像机：管理单位"), max_length=80, required=False)
    telephone = forms.CharField(label=gettext_lazy("摄像机：管理单位电话"), max_length=20, required=False)
    address = forms.CharField(
        label=gettext_lazy("摄像机：内网地址"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("rtsp:// 或 http://，只能是运维名单里的网段"),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set("kind", [(name, labels.into(kind.label)) for name, kind in KINDS.items()])
        self._set("place", [(code, labels.place_short(code)) for code in registry.places(user)])
        self._set("unit", [(unit, labels.office_name(unit)) for unit in registry.owners(user)])

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A camera says what the law asks for, and hangs nowhere it must not."""
        found = super().clean() or {}
        if found.get("kind") == "camera":
            for name in ("purpose", "answers"):
                if not found.get(name):
                    self.add_error(name, _("摄像机要写这一项"))
            if any(word in found.get("mounted", "") for word in cameras.BANNED):
                self.add_error("mounted", _("这类地方不许装摄像机（公共安全视频图像信息系统管理条例第八条）"))
        kind = KINDS.get(found.get("kind", ""))
        if kind and found.get("beat") and found["beat"] > kind.most:
            self.add_error("beat", _("这类设备最长 {n} 秒报一次").format(n=kind.most))
        return found

    def facts(self) -> dict[str, Any]:
        """As registry.enter takes them."""
        given = self.cleaned_data
        out = {name: given[name] for name in ("kind", "place", "mounted", "unit", "maker", "serial", "beat", "filings")}
        if given["kind"] == "camera":
            out["camera"] = {name: given[name] for name in ("purpose", "filing", "sign_on", "answers", "telephone", "address")}
        return out


class LookForm(forms.Form):
    """A picture asked for: which cameras, why."""

    cameras = forms.MultipleChoiceField(
        label=gettext_lazy("哪几台摄像机"), widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("最多 5 台，同一个单位管的")
    )
    ground = forms.ChoiceField(label=gettext_lazy("为什么看"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("具体原因"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("批的人和以后查的人都看这一句"),
    )

    def __init__(self, found: list[Camera], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(one.device_id, f"{one.device.mounted}（{labels.office_name(one.device.unit)}）") for one in found]
        for name, choices in (("cameras", rows), ("ground", said(GROUNDS))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_cameras(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["cameras"]
        if len(chosen) > CAMERAS_MOST:
            raise forms.ValidationError(_("最多选 5 台"))
        return chosen


def name_fits(name: str) -> bool:
    """Whether an announced name can be one on the bus."""
    return bool(NAME.fullmatch(name))


def refused(words: Words) -> str:
    return labels.into(words)


__all__ = ["DeviceForm", "LookForm", "name_fits", "refused", "said"]
