"""The two outer forms of GeoReport v2: the same data as JSON, or as XML with the element names of the standard."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree  # only written here, never read

from minan.kernel import callers
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# What one entry of a list is called in XML.
ENTRY = {
    "services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute", "values": "value",
    "formats": "format", "endpoints": "endpoint", "marks": "mark",
}  # fmt: skip
UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot carry


class Problem(Exception):
    """Raised below a view: status and what was wrong, in the caller's language."""

    def __init__(self, status: int, words: Words, headers: dict[str, str] | None = None) -> None:
        super().__init__(words.en)
        self.status, self.words, self.headers = status, words, headers or {}


def _element(name: str, value: Any) -> ElementTree.Element:
    node = ElementTree.Element(name)
    if isinstance(value, Mapping):
        node.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, list | tuple):
        node.extend(_element(ENTRY.get(name, "item"), inner) for inner in value)
    elif isinstance(value, bool):
        node.text = "true" if value else "false"
    elif value is not None:
        node.text = UNFIT.sub("", str(value))
    return node


def told(form: str, root: str, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """`root` is the outermost element in XML; JSON has none."""
    if form == "xml":
        body = b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(
            _element(root, data), encoding="utf-8"
        )
    else:
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Answer(status, body, TYPES[form], headers or {}, keep=status < 500 and status != 429)


def refused(form: str, problem: Problem) -> Answer:
    """The error format of the standard."""
    error = {"code": problem.status, "description": problem.words.into(callers.lang())}
    return told(form, "errors", [error], problem.status, problem.headers)
