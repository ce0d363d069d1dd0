"""Compiles the texts: every .po under minan/ to the .mo beside it, where it changed. No gettext tools are needed."""

from __future__ import annotations

import ast
import pathlib
import struct
import sys

MAGIC, REVISION, HEADER_BYTES = 0x950412DE, 0, 28
HERE = pathlib.Path(__file__).resolve().parent.parent


def read(text: str) -> dict[str, str]:
    """The entries of a .po file as gettext keeps them: context, EOT, text; plural forms between NULs. Fuzzy ones are left out.

    Raises ValueError for an entry given twice or a line that is none of a .po file.
    """
    entries: dict[str, str] = {}
    entry: dict[str, str] = {}
    fuzzy, field = False, ""

    def finish() -> None:
        nonlocal entry, fuzzy
        forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr")]
        if forms and all(forms) and not (fuzzy and entry.get("msgid")):
            key = entry.get("msgid", "")
            if "msgid_plural" in entry:
                key += "\0" + entry["msgid_plural"]
            if "msgctxt" in entry:
                key = f"{entry['msgctxt']}\x04{key}"
            if key in entries:
                raise ValueError(f"twice: {key!r}")
            entries[key] = "\0".join(forms)
        entry, fuzzy = {}, False

    for number, raw in enumerate([*text.splitlines(), ""], 1):
        line = raw.strip()
        if line.startswith("#"):
            if any(name.startswith("msgstr") for name in entry):
                finish()
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif not line:
            finish()
        elif line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif line.startswith("msg"):
            name, _, value = line.partition(" ")
            if name in ("msgctxt", "msgid") and any(part.startswith("msgstr") for part in entry):
                finish()
            field = name
            entry[field] = ast.literal_eval(value)
        else:
            raise ValueError(f"line {number}: {raw}")
    return entries


def compiled(entries: dict[str, str]) -> bytes:
    """The .mo file of these entries (GNU gettext manual, "The Format of GNU MO Files")."""
    keys = sorted(entries, key=str.encode)
    ids = b"\0".join(key.encode() for key in keys) + b"\0"
    texts = b"\0".join(entries[key].encode() for key in keys) + b"\0"
    ids_at = HEADER_BYTES + 16 * len(keys)
    texts_at = ids_at + len(ids)
    tables: list[list[int]] = [[], []]
    for table, at, words in ((tables[0], ids_at, keys), (tables[1], texts_at, [entries[key] for key in keys])):
        for word in words:
            length = len(word.encode())
            table += [length, at]
            at += length + 1  # noqa: PLW2901 the place of the next word
    head = [MAGIC, REVISION, len(keys), HEADER_BYTES, HEADER_BYTES + 8 * len(keys), 0, ids_at]
    numbers = [*head, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + ids + texts


def main() -> int:
    """Returns 1 if a file could not be read."""
    wrong = 0
    for po in sorted(HERE.glob("minan/**/locale/*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        try:
            mo.write_bytes(compiled(read(po.read_text("utf-8"))))
        except (ValueError, KeyError, SyntaxError) as error:
            print(f"{po.relative_to(HERE)}: {error}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
