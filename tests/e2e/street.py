"""裕华街道 as the story of August needs it: a house with a door, a wall button with its key, somebody on duty in the community.

`python -m tests.e2e.street` in the city's environment prints JSON: {"button", "secret", "door", "root", "area"}.
"""

from __future__ import annotations

import json

import django

VILLAGE, BUTTON, DUTY = "131081001003", "button-august", "bz.point"


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment."""
    django.setup()
    # Only now: models exist once Django is set up.
    from minan.kernel import bus, directory, passes
    from minan.kernel.models import Post, User
    from minan.systems.doors import registry
    from tests.e2e.prepare import PASSWORD

    user = User.objects.create_user(username=DUTY, password=PASSWORD, name="罗秀云")
    Post.objects.create(user=user, unit_id=f"{VILLAGE}-point", role="clerk")
    directory.touch()
    compound = registry.put_up_compound(f"{VILLAGE}-point", VILLAGE, "裕华里", 60)
    door = registry.put_up_door(compound, "3 号楼 2 单元", "door", "3", "2", 24, True)
    told = {
        "button": BUTTON, "secret": bus.enroll(BUTTON, VILLAGE), "door": registry.credential(door), "root": passes.root().hex(),
        "area": VILLAGE,
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
