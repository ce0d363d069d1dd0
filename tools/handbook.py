"""Writes the pages that come from the code: one a procedure (diagram, steps, clocks, limits), and the settings.

`python -m tools.handbook` writes them; tests/test_docs.py fails where a page is older than the code.
"""

from __future__ import annotations

import functools
import os
import pathlib
import re
import tomllib

from minan.kernel.procedure import ANY, Field, Procedure, diagram

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")

HERE = pathlib.Path(__file__).resolve().parent.parent
HANDBOOK = HERE / "docs" / "handbook"
ROLES = {
    "speaker": "说事人", "desk": "受理的说事站（点）", "lead": "主办单位", "ruler": "上一级裁定", "above": "上级督办", "line": "本部门上级",
    "staff": "看得到这件事的工作人员", "clock": "到点自动", "intake": "登记的工作人员", "house": "办这一件管理事务的人", "caller": "接着来电、来电人同意的坐席",
}  # fmt: skip
OWNERS = {"desk": "说事站（点）", "lead": "主办单位", "ruler": "裁定单位", "up": "上提到的那一级"}
ABOVE = {"block": "按块（属地）上报", "line": "按条（部门）上报"}


@functools.cache
def limits() -> list[dict[str, str]]:
    """The rows of the model city's table of limits."""
    rows: list[dict[str, str]] = tomllib.loads((HERE / "city" / "langfang" / "limits.toml").read_text("utf-8"))["limit"]
    return rows


def limits_of(clock: str) -> list[dict[str, str]]:
    return [row for row in limits() if row["clock"] == clock]


def _needed(f: Field) -> str:
    return ("（必填，或者录音）" if f.unless else "（必填）") if f.required else ""


def clocks(p: Procedure) -> list[str]:
    """The table of a procedure's clocks with their limits."""
    out = [
        "",
        "## 各个时钟和期限",
        "",
        "| 时钟 | 名称 | 谁的 | 期限（依据） | 到点以后 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for clock in p.clocks:
        rows = limits_of(clock.name)
        told = "<br>".join(
            f"{'·'.join(v for v in (r.get('urgency'), r.get('size'), r.get('group')) if v) or '一般'}：{r['limit']}（{r['article']}）"
            for r in rows
        )
        step = p.step(clock.at_due)
        end = step.label.zh if step else (clock.ends.zh if clock.ends else "")
        end += f"，1.5 倍时{ABOVE[clock.above]}" if clock.at_escalate else ""
        out.append(f"| `{clock.name}` | {clock.label.zh} | {OWNERS[clock.owner]} | {told or '由人定日子'} | {end} |")
    return out


def page(p: Procedure) -> str:
    """One procedure as Markdown in Chinese."""
    names = {s.name: s.label.zh for s in p.states}
    out = [
        f"# {p.label.zh}（`{p.name}` 第 {p.version} 版）",
        "",
        "本页由程序声明生成：`python -m tools.handbook`。",
        "",
    ]
    out += [
        "## 一件事怎么走",
        "",
        "```mermaid",
        diagram(p),
        "```",
        "",
        "## 各个状态",
        "",
        "| 状态 | 名称 | 轮到谁 | 留多久 |",
        "| --- | --- | --- | --- |",
    ]
    for state in p.states:
        kept = f"{state.keep_days} 天" if state.keep_days else "办结前一直在"
        out.append(f"| `{state.name}` | {state.label.zh} | {ROLES.get(state.holder, '—')} | {kept} |")
    out += [
        "",
        "## 各个步骤",
        "",
        "| 步骤 | 名称 | 键 | 谁能做 | 从哪里 | 到哪里 | 要填 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for step in (p.opening, *p.steps):
        source = "办结前任何时候" if step.sources == ANY else "、".join(names[s] for s in step.sources)
        target = "、".join(names[t] for t in step.targets) or "不变"
        asked = "、".join(f.label.zh + _needed(f) for f in step.fields) or "—"
        who = "、".join(ROLES[r] for r in step.who)
        out.append(
            f"| `{step.name}` | {step.label.zh} | {step.key or '—'} | {who} | {'—' if step is p.opening else source} | {target} | {asked} |"
        )
    out += clocks(p)
    return "\n".join(out) + "\n"


def settings() -> str:
    """docs/settings.md out of the comments of settings.py: one line a knob."""
    lines = (HERE / "minan" / "settings.py").read_text("utf-8").splitlines()
    out = [
        "# Settings",
        "",
        "Made from `minan/settings.py` by `python -m tools.handbook`: every knob is an environment variable.",
        "",
    ]
    out += ["| variable | what |", "| --- | --- |"]
    for line in lines:
        found = re.match(r"# ([A-Z][A-Z0-9_]+): (.+)", line)
        if found:
            out.append(f"| `{found[1]}` | {found[2].replace('|', chr(92) + '|')} |")
    return "\n".join(out) + "\n"


def data_map() -> str:
    """docs/data-map.md out of the data maps: every column with class, purpose, basis and how long."""
    from minan.kernel import datamap, retention  # the models are read: only once Django is set up

    out = [
        "# 数据清单 · Data map",
        "",
        "Made from `minan/kernel/datamap.toml` and those of the systems by `python -m tools.handbook`; a column that is missing fails the build.",
        "Public as a page at `/rights/`. Times run from the end of a case; a legal hold stops them, a year at most.",
        "",
        "| 类 class | 是什么 | what | 保险柜里留 days in the vault |",
        "| --- | --- | --- | --- |",
    ]
    for level, words in datamap.CLASS_WORDS.items():
        out.append(f"| {level} | {words.zh} | {words.en} | {retention.CLASS_DAYS.get(level, '—')} |")
    out += ["", "| 表 table | 类 | 列 columns | 为什么 purpose | 依据 basis | 留多久 kept | 谁的 whose |", "| --- | --- | --- | --- | --- | --- | --- |"]
    english = datamap.table("en")
    for row, en in zip(datamap.table("zh"), english, strict=True):
        cells = (row["table"], row["level"], row["columns"], f"{row['purpose']} · {en['purpose']}", row["basis"], f"{row['keep']} · {en['keep']}", f"{row['whose']} · {en['whose']}")
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def pages() -> dict[pathlib.Path, str]:
    """Every generated page by its path."""
    from minan.kernel import registry

    made = {HANDBOOK / f"{procedure.name}.md": page(procedure) for procedure in registry.procedures().values()}
    return made | {HERE / "docs" / "settings.md": settings(), HERE / "docs" / "data-map.md": data_map()}


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    import django

    django.setup()
    main()
