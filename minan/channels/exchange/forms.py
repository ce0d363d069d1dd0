"""The one form of the exchange: a file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("对方给的表格"), help_text=_("CSV、JSON 或 xlsx，列名照对方的不用改；最多 500 行。先看会怎样，再导入"),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,.xlsx,.txt"}),
        error_messages={"required": _("请选一个文件"), "empty": _("这个文件是空的")},
    )  # fmt: skip
