"""All Chinese that is data and not our own words, as JSON on standard output; run in the DATA it is about."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import django

CHINESE = re.compile(r"[\u3400-\u9fff]")


def strings(value: Any, *, both: bool = False) -> list[str]:
    """Every string inside, however deep; words in both languages only with `both`."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) and "en" in value and not both:
        return []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in strings(one, both=both)]


def parsed(text: str) -> Any:
    """What a column that holds JSON as text says; else the text."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text


def main() -> None:
    """Needs DATA and DJANGO_SETTINGS_MODULE in the environment. Prints {"data": […], "named": […]}: names that have an English
    form beside them stand apart, since only the administrator's tables may show both."""
    django.setup()
    # Only now: models exist once Django is set up.
    from django.apps import apps
    from django.db.models import CharField, JSONField, TextField

    found: dict[str, set[str]] = {"data": set(), "named": set()}
    for model in (one for one in apps.get_models() if one.__module__.startswith("minan.")):
        names = {f.name for f in model._meta.concrete_fields}
        for field in [
            f
            for f in model._meta.concrete_fields
            if isinstance(f, CharField | TextField | JSONField) and model.__name__ != "Snapshot"
        ]:
            kind = "named" if f"{field.name}_en" in names else "data"
            for value in model._default_manager.values_list(field.attname, flat=True).distinct():
                found[kind].update(lines(value))
                found["named"].update(lines(value, both=True))
    found["data"] |= {text for text in found["named"] if text in no_english()} | prepared()
    print(json.dumps({kind: sorted(texts) for kind, texts in found.items()}, ensure_ascii=False))


def lines(value: Any, *, both: bool = False) -> set[str]:
    """The Chinese lines of one column's value; of a message, also without its sender and code."""
    inner = parsed(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
    found = {
        line
        for text in strings(inner, both=both)
        for line in re.split(r"[\n。：，；！？{}]", text)
        if CHINESE.search(line)
    }
    return found | {line.split(" ", 1)[1] for line in found if line.startswith("【") and " " in line}


def prepared() -> set[str]:
    """What a duty person begins an emergency notice with: it goes onto the screens as it is."""
    with contextlib.suppress(ImportError):
        from minan.systems.bulletins.words import TEMPLATES  # a city may do without the folder

        return {line for title, text, _ in TEMPLATES.values() for line in lines(title) | lines(text) | {title, text}}
    return set()


def no_english() -> set[str]:
    """The names of units that have no English one."""
    from minan.kernel.models import Unit  # only once Django is set up

    return set(Unit.objects.filter(name_en="").values_list("name", flat=True))


if __name__ == "__main__":
    main()
