"""All Chinese that is data and not our own words, as JSON on standard output; run in the DATA it is about."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import django

CHINESE = re.compile(r"[\u3400-\u9fff]")


def strings(value: Any) -> list[str]:
    """Every string inside, however deep; of words in both languages, none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) and "en" in value:
        return []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in strings(one)]


def parsed(text: str) -> Any:
    """What a column that holds JSON as text says; else the text."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text


def column(rows: Any, field: Any) -> list[Any]:
    """The values of one column; of names that have an English one beside them, none."""
    if any(other.name == f"{field.name}_en" for other in rows.model._meta.concrete_fields):
        rows = rows.filter(**{f"{field.name}_en": ""})
    return list(rows.values_list(field.attname, flat=True).distinct())


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment."""
    django.setup()
    # Only now: models exist once Django is set up.
    from django.apps import apps
    from django.db.models import CharField, JSONField, TextField

    found: set[str] = set()
    for model in apps.get_app_config("kernel").get_models():
        fields = [f for f in model._meta.concrete_fields if isinstance(f, CharField | TextField | JSONField)]
        for value in [value for field in fields if model.__name__ != "Snapshot" for value in column(model._default_manager.all(), field)]:
            inner = parsed(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
            found.update(line for text in strings(inner) for line in re.split(r"[\n。：]", text) if CHINESE.search(line))
    print(json.dumps(sorted(found), ensure_ascii=False))


if __name__ == "__main__":
    main()
