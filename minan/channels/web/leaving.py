"""An account of somebody who speaks: what is kept of it, its name corrected, and its end; the matters go on with code and secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from minan.kernel import datamap, house, labels, rights, vault
from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Post, Session, Speaker, User
from minan.lib.text import neutral

SHOWN = ("username", "name", "name_en", "email", "lang", "elder", "date_joined", "last_login")
NAME_MOST = 40
LABELS = {
    "username": _("登录名"), "name": _("姓名"), "name_en": _("英文姓名"), "email": _("邮箱"), "lang": _("语言"), "elder": _("大字版"),
    "date_joined": _("开户时间"), "last_login": _("上次登录"), "mail": _("邮箱"), "sessions": _("登录着几处"), "posts": _("岗位"),
}  # fmt: skip


def stays(user: User) -> bool:
    """True for who has or had a post: their account is the house's, its acts are on record."""
    return Post.objects.filter(user=user).exists()


def kept(user: User) -> dict[str, Any]:
    """What is kept of an account, with purpose, basis and how long."""
    from allauth.account.models import EmailAddress  # a channel may be read without the apps being ready

    said = datamap.read()["kernel.User"]
    rows = {name: getattr(user, name) for name in SHOWN if getattr(user, name) not in ("", None)}
    mails = list(EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    sessions = Session.objects.filter(user_id=user.pk).count()
    posts = [f"{p.unit_id}:{p.role}" for p in Post.objects.filter(user=user)]
    rows |= ({"mail": ", ".join(mails)} if mails else {}) | {"sessions": sessions} | ({"posts": ", ".join(posts)} if posts else {})
    return {
        "rows": rows, "shown": [(LABELS[name], value) for name, value in rows.items()],
        "purpose": said.purpose, "basis": datamap.basis(said.basis, "en" if labels.english() else "zh"), "until": datamap.KEEPS[said.keep],
    }  # fmt: skip


def matters(user: User) -> list[Case]:
    """Every matter said with this account, newest first."""
    ids = Speaker.objects.filter(owner=vault.owner_mark(str(user.pk))).values_list("case_id", flat=True)
    return list(Case.objects.filter(id__in=list(ids)).order_by("-id"))


def rename(user: User, given: Mapping[str, str]) -> None:
    """Correct the name that is shown."""
    user.name = neutral(given.get("name", "")).strip()[:NAME_MOST]
    user.save(update_fields=["name"])


def close(user: User) -> None:
    """Take the account away from each matter by an event of its own, then the account itself. Raises vault.Sealed."""
    for case in matters(user):
        done = act(case, rights.ASK, by=SPEAKER, facts={"what": rights.ACCOUNT})
        if isinstance(done, Refused):  # a procedure that has no such step: the link alone
            Speaker.objects.filter(county=case.county, case_id=case.id).update(owner="")
    with transaction.atomic():
        Session.objects.filter(user_id=user.pk).delete()
        house.note("erase", "", {"accounts": 1}, at=datetime.now(UTC))
        try:
            with transaction.atomic():
                User.objects.get(pk=user.pk).delete()
        except ProtectedError:  # something in the house's own records names it: a bare number is left
            bare = dict.fromkeys(("name", "name_en", "email", "first_name", "last_name"), "")
            user.set_unusable_password()
            gone = {"username": f"closed-{user.pk}", "password": user.password, "is_active": False, "last_login": None}
            User.objects.filter(pk=user.pk).update(**bare, **gone)


