"""Puts matters before 李建民 and 赵强 in the city of these tests; run in the DATA it is about."""

from __future__ import annotations

import django

POINT, CANARY = 14, "金丝雀地窖第七号"
LAMPS = 10


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment."""
    django.setup()
    from minan.kernel.access import SPEAKER, actor  # only now: models exist once Django is set up
    from minan.kernel.act import act, open_case
    from minan.kernel.models import User

    clerk, worker = (actor(User.objects.get(username=name)) for name in ("clerk", "worker"))
    for n in range(POINT):
        facts = {"text": f"{CANARY}旁边第 {n} 处垃圾没人清", "place": "131022100010", "kind": "clean.rubbish"}
        assert open_case("matter", by=worker, facts=facts, channel="walkin"), n
    for n in range(LAMPS):
        lamp = open_case(
            "matter", by=SPEAKER, facts={"text": f"第 {n} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out"}
        ).case  # type: ignore[union-attr]
        for step, facts in (("accept", {}), ("assign", {"unit": "131022-lighting"})):
            done = act(lamp, step, by=clerk if lamp.desk.endswith("station") else worker, facts=facts)
            assert done, (n, step, done)


if __name__ == "__main__":
    main()
