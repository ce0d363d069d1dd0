"""The capability by which a speaker judges: its hash on the way in, what a judgement with it counts as, and how that is told.

The speaker's browser makes 128 bits and sends only their hash; the house never holds the capability itself until it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minan.kernel import access, speakers
from minan.kernel.models import Case, Speaker

HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
JUDGING = ("rate", "object")  # the steps by which a speaker judges
WRONG = _("对不上。照着回执再抄一次；空着也能发，那样单列，不算本人评的。")

Text = str | Promise
# How it is told before: by who made what the speaker judges with (Speaker.issued).
BEFORE: dict[str, Text] = {
    "speaker": _("评价码在说这件事的手机里，有它，算您本人评的。空着也能发，那样单列，不算本人评的。"),
    "server": _("凭取件码评，算您本人评的，注明取件码是我们发的。空着也能发，那样单列，不算本人评的。"),
    "codeword": _("凭口令评，算您本人评的，注明口令是我们发的。空着也能发，那样单列，不算本人评的。"),
    "staff": _("这件事的取件码经过工作人员的手，评的话和工作人员代记的放在一起，单列，不算本人评的。"),
    "signed_in": _("这个浏览器登录着工作人员，评的话单列，不算本人评的。要算本人的，请用说事人自己的手机。"),
}
LABELS: dict[str, Text] = {"speaker": _("评价码"), "server": _("取件码"), "codeword": _("口令")}
# And after: by what it counted as (access.Actor.cast).
AFTER: dict[str, Text] = {
    "own": _("算您本人评的。"),
    "issued": _("算您本人评的，注明取件码（口令）是我们发的。"),
    "seen": _("单列，和工作人员代记的放在一起，不算本人评的。"),
}


def hash_of(text: str) -> str:
    """The hash as a form brought it; "" for what is none, and then the server's own secret serves."""
    return text if HASH.fullmatch(text) else ""


def made(case: Case) -> tuple[str, str]:
    """(hash, who made it: "speaker", "server" or "staff") of what this case is judged with."""
    rows = Speaker.objects.filter(county=case.county, case_id=case.id)
    return rows.values_list("capability", "issued").first() or ("", "staff")


class Capability(forms.Form):
    """The one field beside a judgement; scripts fill it from this browser."""

    capability = forms.CharField(max_length=80, required=False)

    def __init__(self, issued: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["capability"]
        field.label = LABELS[issued]
        field.help_text = str(BEFORE[issued])
        field.widget.attrs = {
            "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "data-nodraft": "", "data-judge": issued,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judging:
    """One judgement on its way: `issued` says who made what it is judged with, `cast` what it counts as (access.Actor)."""

    issued: str
    given: str
    cast: str

    @classmethod
    def of(cls, user: Any, case: Case, step: str, given: str = "") -> Judging | None:
        """For a step that judges, else None. Whatever somebody of the staff presses went through their hands."""
        if step not in JUDGING:
            return None
        given = given[:80].strip()
        if access.is_staff(user):
            return cls("signed_in", given, "seen")
        issued = "codeword" if case.anonymous else made(case)[1]
        return cls(issued, given, speakers.cast(case, given))

    @property
    def mistyped(self) -> bool:
        """Something was given that would have helped, had it been right."""
        return bool(self.given) and self.cast == "seen" and self.issued in LABELS

    @property
    def form(self) -> Capability | None:
        """The field; None where nothing given would change what it counts as."""
        if self.issued not in LABELS:
            return None
        form = Capability(self.issued, {"capability": self.given} if self.given else None)
        if self.mistyped:
            form.add_error("capability", str(WRONG))
        return form

    @property
    def apart(self) -> str:
        """Why it stands apart whatever is given; "" where it need not."""
        return str(BEFORE[self.issued]) if self.form is None else ""

    @property
    def counted(self) -> str:
        """What it counted as, once it was taken."""
        return str(AFTER[self.cast])
