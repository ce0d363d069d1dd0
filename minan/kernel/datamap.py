"""What is kept of whom: every column of every table with its class, purpose, basis and time of keeping (PIPL art. 17, 51, 56).

The map is data: `datamap.toml` of the kernel, and one of each system that has tables. A column that none of them names fails the
build, so that nobody begins to keep something without saying what for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps

from minan.kernel.procedure import CLASSES, Words

FILE = "datamap.toml"
MAPPED = CLASSES | {"P9"}
KEEPS = {
    "words": Words("办结后按终态的年限，默认 3 年", "three years after the case ended, by its final state"),
    "vaults": Words("办结后按类别：身份 2 年，敏感 1 年", "by class after the case ended: identity two years, sensitive one year"),
    "rest": Words("会话、令牌到期即删；通知 1 年", "sessions and tokens when they end; notices one year"),
    "replies": Words("7 天", "seven days"),
    "half": Words("180 天", "180 days"),
    "seconds": Words("几秒", "seconds"),
    "event": Words("到活动结束", "until the event is over"),
    "account": Words("到注销账号为止", "until the account is closed"),
    "config": Words("规则有效期间和以后查证所需", "while it holds, and as long as it must be proved"),
    "ever": Words("长期：不含个人的话，是凭据", "for good: no words of a person, it is the proof"),
    "empty": Words("空表", "empty"),
}  # fmt: skip
CLASS_WORDS = {
    "P0": Words("公开的统计和规则", "public figures and rules"),
    "P1": Words("事情本身（已隐去身份）", "facts of the matter, scrubbed"),
    "P2": Words("身份和联系方式", "identity and contact"),
    "P3": Words("敏感信息", "sensitive"),
    "P4": Words("检举内容", "confidential reports"),
    "P8": Words("工作人员做了什么", "what staff did"),
    "P9": Words("技术记录", "technical"),
}
# What the files name as a basis, in both languages.
BASES = {
    "PIPL": Words("个人信息保护法", "PIPL"), "duty": Words("履行职责", "duty"), "security": Words("网络安全法", "Cybersecurity Law"),
    "technical": Words("运行需要", "technical need"), "statistics": Words("统计", "statistics"), "档案法": Words("档案法", "Archives Law"),
    "信访工作条例": Words("信访工作条例", "Regulations on Petitions"), "公务员回避": Words("公务员回避", "rules on civil servants standing aside"),
    "等保": Words("等级保护", "GB/T 22239"),
}  # fmt: skip
PERSONAL = ("none", "speaker", "staff")


@dataclass(frozen=True, slots=True)
class Kept:
    """One table as the map tells of it: column → class."""

    table: str
    purpose: Words
    basis: str
    keep: str
    personal: str
    columns: dict[str, str]


def _files() -> Iterator[Path]:
    for config in apps.get_app_configs():
        path = Path(config.path) / FILE
        if path.is_file():
            yield path


def read() -> dict[str, Kept]:
    """Every table the map names, in the order of the files."""
    out = {}
    for path in _files():
        for table, said in tomllib.loads(path.read_text("utf-8")).items():
            columns = {name: level for level in sorted(MAPPED) for name in str(said.get(level, "")).split()}
            words = Words(said["for"]["zh"], said["for"]["en"])
            out[table] = Kept(table, words, said.get("basis", ""), said["keep"], said.get("personal", "none"), columns)
    return out


def faults(models: list[Any] | None = None) -> list[str]:
    """What the map does not say or says of what is not there, as sentences; empty when it is whole."""
    known, out = read(), []
    there = {m._meta.label: m for m in (models or apps.get_models(include_auto_created=True))}
    for table, model in there.items():
        if table not in known:
            out.append(f"{table} is not on the map")
            continue
        columns = {str(f.column) for f in model._meta.concrete_fields}
        out += [f"{table}.{name} is not on the map" for name in sorted(columns - known[table].columns.keys())]
        out += [f"{table}.{name} is on the map but gone" for name in sorted(known[table].columns.keys() - columns)]
    out += [f"{table} is on the map but gone" for table in known.keys() - there.keys()]
    for kept in known.values():
        if kept.keep not in KEEPS:
            out.append(f"{kept.table}: nobody knows how long “{kept.keep}” is")
        if kept.personal not in PERSONAL:
            out.append(f"{kept.table}: whose data?")
        if kept.columns.keys() and set(kept.columns.values()) & {"P2", "P3", "P4"} and not kept.basis:
            out.append(f"{kept.table}: personal data without a basis")
    return sorted(out)


def basis(said: str, lang: str = "zh") -> str:
    """A basis as people read it: "PIPL 13(3)" → 个人信息保护法 13(3)."""
    for name, words in BASES.items():
        said = said.replace(name, words.into(lang))
    return said or "—"


def table(lang: str = "zh") -> list[dict[str, str]]:
    """The map for people, one row a table and class: what, class, columns, purpose, basis, how long, whose."""
    whose = {
        "none": Words("—", "—"), "speaker": Words("说事人", "who speaks"), "staff": Words("工作人员或账号", "staff or account"),
    }  # fmt: skip
    out = []
    for kept in read().values():
        for level in sorted(set(kept.columns.values())):
            columns = " ".join(name for name, is_ in kept.columns.items() if is_ == level)
            out.append(
                {
                    "table": kept.table, "level": level, "class": CLASS_WORDS[level].into(lang), "columns": columns,
                    "purpose": kept.purpose.into(lang), "basis": basis(kept.basis, lang), "keep": KEEPS[kept.keep].into(lang),
                    "whose": whose[kept.personal].into(lang), "personal": kept.personal,
                }
            )  # fmt: skip
    return out
