"""A partner for the tests: its file in a city folder of its own, its keys, and its rows as a 12345 platform writes them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from minan.channels.exchange import folders, known, sending
from minan.channels.exchange.partners import Partner

CODE, OTHER = "hotline", "petition"
IN_KEY, OUT_KEY = "11" * 32, "22" * 32
TOML = """
[[partner]]
code = "{code}"
name = "12345热线"
name_en = "12345 hotline"
place = "131000000000"
in = ["file", "folder", "api", "mail"]
out = "{out}"
format = "{format}"
tells_speaker = {tells}
second_answer = {second}
[partner.call]
url = "{url}"
timeout = 0.6
[partner.mail]
folder = "{maildir}"
senders = ["out@12345.example"]
[partner.fields]
number = "工单编号"
title = "标题"
text = "诉求内容"
kind = "诉求分类"
place = "区划代码"
place_words = "事发地址"
name = "诉求人"
phone = "联系电话"
said_at = "受理时间"
deadline = "办理时限"
status = "工单状态"
confidential = "是否保密"
[partner.kinds]
"路灯故障" = "lamp.out"
"违建" = "order.build"
[partner.status]
cancelled = ["已撤单"]
confidential = ["是"]
[partner.deadline]
count = "{count}"
[partner.outcomes]
solved = "已解决"
explained = "解释说明"
returned = "退单"
not_accepted = "不属受理范围"
other = "其他"
[[partner.answer]]
column = "messageId"
value = "message_id"
[[partner.answer]]
column = "orderNo"
value = "number"
[[partner.answer]]
column = "result"
value = "result"
[[partner.answer]]
column = "replyContent"
value = "words"
[[partner.answer]]
column = "ground"
value = "ground"
[[partner.answer]]
column = "unit"
value = "unit"
[[partner.answer]]
column = "when"
value = "answered_at"
[[partner.answer]]
column = "source"
value = "echo:受理时间"
[[partner.answer]]
column = "replaces"
value = "replaces"
"""
DEFAULTS = {
    "code": CODE, "out": "file", "format": "csv", "tells": "true", "second": "true", "url": "https://12345.example/answers",
    "count": "moment", "maildir": "/nowhere",
}  # fmt: skip
ROW = {
    "工单编号": "LF-2026-000001", "标题": "路灯不亮", "诉求内容": "固安镇朝阳社区东门三盏路灯不亮，老人摔了一下。", "诉求分类": "路灯故障",
    "区划代码": "131022100010", "事发地址": "朝阳社区东门", "诉求人": "王秀兰", "联系电话": "13812345678", "受理时间": "",
    "办理时限": "", "工单状态": "", "是否保密": "",
}  # fmt: skip


def row(number: int | str = 1, **more: str) -> dict[str, str]:
    """A row of the platform's; `number` 7 is LF-2026-000007."""
    name = number if isinstance(number, str) else f"LF-2026-{number:06d}"
    return ROW | {"工单编号": name} | more


def as_csv(rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_json(rows: list[dict[str, str]]) -> bytes:
    return json.dumps({"items": rows}, ensure_ascii=False).encode()


def settle_in(tmp: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Partner:
    """The partner declared in a file of this test, with keys; folders in `tmp`."""
    file = tmp / "partners.toml"
    file.write_text(TOML.format(**DEFAULTS | more), "utf-8")
    monkeypatch.setattr(known, "path", lambda: file)
    monkeypatch.setitem(known._held, "mark", None)
    monkeypatch.setattr(settings, "EXCHANGE", tmp / "exchange")
    keys = known.key_file(more.get("code", CODE))
    keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys.write_text(f'in_key = "{IN_KEY}"\nout_key = "{OUT_KEY}"\nmail_password = "pass"\n', "utf-8")
    sending.forget()
    folders.forget()
    found = known.get(more.get("code", CODE))
    assert found is not None
    return found


def read_back(data: bytes) -> list[dict[str, str]]:
    """A CSV of answers as rows."""
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def steps(case: Any) -> list[str]:
    from minan.kernel.models import Event  # the settings are not there yet when this file is read

    return list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))
