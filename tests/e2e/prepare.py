"""Plays a small story into the city of the browser tests and gives two people a password; run in the DATA it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django

PASSWORD = "correct horse battery"
TABLE = ("gu.vmedhead", "gu.vmed", "gx.traffic", "lf.claims", "gu.court", "gong.med")  # of a road accident
WITH_PASSWORD = ("clerk", "gu.point", "bz.clerk", "gx.urban2", "gx.clerk", "gx.petition") + TABLE
MATTERS = 60


def of_the_resident(user: Any) -> None:
    """王秀兰's own matters, one at each point where her page asks something else of her."""
    from minan.kernel.access import SPEAKER, Actor, actor  # only now, as above
    from minan.kernel.act import act, open_case
    from minan.kernel.models import User

    clerk, handler = (actor(User.objects.get(username=name)) for name in ("clerk", "handler"))
    own = Actor("speaker", cast="own")
    told = {"outcome": "explained", "words": "已经排进下周的计划", "article": "LF-DUTY-2026"}
    walk = [
        ("accept", clerk, {}), ("assign", clerk, {"unit": "131022-lighting"}), ("sign", handler, {}), ("answer", handler, told),
        ("rate", own, {"solved": True, "satisfied": True}),
    ]  # fmt: skip
    for words, steps in (
        ("菜市场口的路灯一闪一闪", [("ask_more", clerk, {"words": "是哪一根灯杆？"})]),
        ("小学门口的路灯常亮", walk[:4]),
        ("粮站后身的路灯不亮", walk),
        ("卫生院门前的路灯不亮", [*walk[:4], ("rate", own, {"solved": False, "satisfied": False})]),
    ):
        facts = {"text": words, "place": "131022100010", "kind": "lamp.out", "name": "王秀兰", "phone": "13800000001"}
        case = open_case("matter", by=SPEAKER, facts=facts, channel="web", account=str(user.pk)).case  # type: ignore[union-attr]
        for step, by, said in steps:
            done = act(case, step, by=by, facts=said)
            assert done, (words, step, done)
            case.refresh_from_db()


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment."""
    django.setup()
    # Only now: models exist once Django is set up.
    from minan.kernel.models import User
    from minan.systems.matters import demo

    demo.seed(datetime.now(UTC), MATTERS)
    of_the_resident(User.objects.get(username="resident"))
    for user in User.objects.filter(username__in=WITH_PASSWORD):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


if __name__ == "__main__":
    main()
