"""What one request to the damages page asks: another row, a file, the JSON, or the result. Nothing typed is lost on any way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.channels.web import damages, damages_case, damages_tree
from minan.channels.web.damages_tree import Node, Raw, drawn, fresh
from minan.kernel import directory
from minan.lib.damages import Refused

FILE_MOST = 512 * 1024  # bytes


def first() -> Raw:
    """One car, one e-bike and who rode it: what most come with."""
    here = next(iter(directory.city().places), "")[:2]  # the city's own province
    tree = Raw({"as_of": [timezone.localdate().isoformat()], "place": [f"{here}0000000000" if here else ""]})
    damages_tree.add(tree, "vehicles")
    damages_tree.add(tree, "vehicles")
    car, bike = tree.rows["vehicles"]
    car.own |= {"insured": ["yes"]}
    car.rows["commercial"] = [Raw()]
    bike.own |= {"id": [_("电动车")], "kind": ["non_motor"]}
    victim = fresh("victims", 1)
    victim.own |= {"within": [_("电动车")], "driver": ["yes"]}
    tree.rows["victims"] = [victim]
    return tree


@dataclass
class Sheet:
    """The page as it is to be drawn. `case` and `result` where it was worked out."""

    root: Node
    status: int = 200
    case: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    errors: list[str] = field(default_factory=list)
    too_many: bool = False
    from_file: bool = False  # what is wrong is a file: no box was filled in

    @classmethod
    def read(cls, request: HttpRequest, *, work: bool = True) -> Sheet:
        """What was pressed: add, remove, load, or the result; without `work` what was typed alone."""
        post = request.POST
        if "load" in post or "case" in post:
            return cls.loaded(_file(request)) if work else cls(drawn(first(), bound=False))
        tree = damages_tree.posted(post)
        if "remove" in post:
            damages_tree.remove(tree, post["remove"])
            return cls(drawn(tree, bound=False))
        if "add" in post:
            before = tree.size()
            damages_tree.add(tree, post["add"])
            full = tree.size() == before and before > damages_tree.FIELDS_MOST - 100
            errors = [_("这一页放不下更多了，先存成文件，用 minan damages 算")] if full else []
            return cls(drawn(tree, bound=False), errors=errors)
        sheet = cls(drawn(tree, bound=True))
        if not damages_case.checked(sheet.root):
            sheet.status = 422
            return sheet
        return sheet.work(damages_case.case_of(sheet.root)) if work else sheet

    @classmethod
    def loaded(cls, text: str) -> Sheet:
        """A case from a file of the contract: worked out as it stands, and put into the boxes."""
        try:
            case = json.loads(text, parse_float=Decimal)
            result = damages.worked(case)
            tree = damages_case.tree_of(case)
            if tree.size() > damages_tree.FIELDS_MOST:
                errors = [_("这个案子太大，这一页放不下，请用 minan damages")]
                return cls(drawn(first(), bound=False), 422, errors=errors, from_file=True)
            sheet = cls(drawn(tree, bound=True), case=case, result=result)
            damages_case.checked(sheet.root)
            return sheet
        except Refused as refused:
            errors = [f"{path}：{said}" if path else said for path, said in refused.told(damages.lang()).items()]
        except (ValueError, RecursionError):
            errors = [_("这个文件不是试算用的 JSON，格式见 docs/damages.md")]
        return cls(drawn(first(), bound=False), 422, errors=errors, from_file=True)

    def work(self, case: dict[str, Any]) -> Sheet:
        try:
            self.result, self.case = damages.worked(case), case
        except Refused as refused:
            self.status = 422
            self.errors = [_told(path, said) for path, said in refused.told(damages.lang()).items()]
        return self

    @property
    def case_text(self) -> str:
        return text_of(self.case)


def text_of(case: Any) -> str:
    """The case as the file that can be loaded again; figures of a file that were no texts become texts."""
    return json.dumps(case, ensure_ascii=False, indent=1, default=str)


def _told(path: str, said: str) -> str:
    """Whose figure is wrong, where the path tells it: vehicles.1号车.share → 1号车."""
    parts = path.split(".")
    return f"{parts[1]}：{said}" if len(parts) > 1 else said


def _file(request: HttpRequest) -> str:
    """The uploaded file, else the case that travelled in the page. Raises nothing: what is no text is no case either."""
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("case", "")
    if sent.size is None or sent.size > FILE_MOST:
        return ""
    return sent.read().decode("utf-8", "replace").lstrip("\ufeff")
