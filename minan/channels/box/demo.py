"""The demo's boxes: two at 朝阳社区, one at 幸福广场社区; slips are printed and boxes opened by whoever tries it."""

from __future__ import annotations

from minan.channels.box.models import Box
from minan.kernel import directory

BOXES = (
    ("131022100010-point", "朝阳社区南门", "南门岗亭旁的墙上", "联络员、网格员各一把"),
    ("131022100010-point", "朝阳社区活动室", "活动室门口", "联络员、网格员各一把"),
    ("131022100011-point", "幸福广场东侧", "广场东侧宣传栏下", "联络员、网格员各一把"),
)


def make(empty: bool) -> None:
    """Boxes belong to the city, with a story or without."""
    for unit, name, where, keys in BOXES:
        office = directory.office(unit)
        if office is not None:
            Box.objects.get_or_create(
                unit=unit, name=name, defaults={"place": office.place, "where": where, "keys": keys}
            )
