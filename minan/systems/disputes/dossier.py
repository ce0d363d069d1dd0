"""The file 卷宗 in the order an archive asks for: cover, index, application, acceptance, consents, talks, evidence, records, proposals,
agreement, confirmation, performance, return visit, back cover. Only what its reader may read is in it; the mediator's own note never is.

司法部关于人民调解文书格式、归档的规定 (2010 年 12 月印发的格式，引用前请核对).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from minan.kernel import attachments, book, labels, registry
from minan.kernel.book import Block, Book, Part
from minan.kernel.directory import LOCAL
from minan.systems.disputes import documents, fields
from minan.systems.disputes.papers import OWN, Paper
from minan.systems.disputes.source import Source, day, moment

PICTURES_MOST, PICTURES_BYTES = 60, 40_000_000  # in the PDF; what is more is listed with its hash and lies in the ZIP
YEARS = fields.KEEP // 365


def _said(src: Source, papers: Iterable[Paper], skip: tuple[str, ...] = ()) -> list[Block]:
    """Papers one under the other, each with who wrote it when."""
    blocks: list[Block] = []
    for paper in papers:
        who = src.name(paper.by) + ("（调解员代记）" if paper.by_hand else "")
        to = f"，对{src.name(paper.of)}" if paper.by == "m" and paper.of else ""
        blocks += [book.head(paper.label), book.note(f"{moment(paper.at)}　{who}{to}")]
        rows = [row for name, row in zip(paper.names, paper.rows, strict=True) if name not in skip]
        for label, words in rows:
            blocks += [book.note(label), book.words(words)] if len(rows) > 1 else [book.words(words)]
    return blocks


def _days(papers: list[Paper]) -> str:
    return day(papers[0].at) if papers else ""


def _part(title: str, blocks: list[Block], number: str = "", when: str = "", note: str = "") -> list[Part]:
    return [Part(title, blocks, number, when, note)] if blocks else []


def application(src: Source) -> list[Part]:
    found, came = src.of("apply"), src.facts.get("came")
    title = "调委会主动调解登记" if came else "人民调解申请书"
    facts = book.facts(
        [
            *documents.parties(src),
            ("纠纷类型", src.sort),
            ("纠纷地点", src.place),
            ("申请日期", day(src.case.opened_at)),
        ]
    )
    return _part(title, [facts, *_said(src, found, ("plan",))], when=day(src.case.opened_at))


def acceptance(src: Source) -> list[Part]:
    found = src.of("accept", "refuse")
    event = src.event("accept", "refuse")
    if event is None:
        return []
    title = "不予受理告知书" if event.step == "refuse" else "受理通知书"
    facts = book.facts([("调委会", src.committee), ("日期", day(event.at))])
    return _part(title, [facts, *_said(src, found)], src.number("accept", "refuse"), day(event.at))


def consents(src: Source) -> list[Part]:
    given = src.facts.get("consent") or {}
    rows = [
        [src.party(ref), src.name(ref), moment(datetime.fromisoformat(given[ref]))]
        for ref in src.refs()
        if given.get(ref)
    ]
    if not rows:
        return []
    blocks = [book.words("下列当事人同意由本调委会调解。任何一方可以随时要求终止调解（《人民调解法》第二十三条）。")]
    blocks.append(book.table(["哪一方", "姓名或者单位", "同意的时间"], rows, [0, 1, 0]))
    if src.facts.get("took_on"):
        took = day(src.facts["took_on"])
        blocks += [
            book.head("调解员"),
            book.words(f"{src.mediator}于{took}接手，声明与各方当事人没有亲属或者利害关系。"),
        ]
    return _part("同意调解和调解员确认", blocks, when=day(max(datetime.fromisoformat(one) for one in given.values())))


def talks(src: Source) -> list[Part]:
    """Only for the committee's own keeping, or a side's own words in its own copy."""
    found = src.of("talk", "whisper") if src.talks or src.reader.kind == "side" else []
    return _part("调查、单独谈话笔录", _said(src, found), when=_days(found), note="不给对方看")


def records(src: Source) -> list[Part]:
    found, last = src.of("session", "record", "read_record"), src.facts.get("record") or {}
    blocks = _said(src, found)
    if last:
        ok = [src.name(ref) for ref in last.get("ok", [])]
        wrong = [src.name(ref) for ref in last.get("wrong", [])]
        blocks.append(
            book.note(
                f"最后一份共同记录：看过、没有错：{'、'.join(ok) or '无'}；说有不对的地方：{'、'.join(wrong) or '无'}。"
            )
        )
    spoken = src.of("speak")
    if spoken:
        lines = [[moment(p.at), src.name(p.by), "\n".join(words for _label, words in p.rows)] for p in spoken]
        blocks += [book.head("会谈室里的话"), book.table(["时间", "谁说的", "说了什么"], lines, [0, 0, 1])]
    return _part("调解笔录", blocks, when=_days(found or spoken))


def proposals(src: Source) -> list[Part]:
    found = src.of("propose")
    return _part("调解方案", _said(src, found), when=_days(found))


def outcome(src: Source) -> list[Part]:
    """The agreement, or the written notice where there was none."""
    made = [part for part in (documents.agreement(src), documents.oral(src)) if part]
    event = src.event("end_without", "side_stopped")
    if event is None:
        return made
    blocks = [*_said(src, src.of("end_without")), book.head("告知"), book.words(fields.WAYS.zh)]
    return [*made, *_part("终止调解告知书", blocks, src.number("end_without", "side_stopped"), day(event.at))]


def confirmation(src: Source) -> list[Part]:
    if not src.facts.get("court") and not src.facts.get("confirm"):
        return []
    part, court = documents.application(src), src.court
    found = [part] if part else []
    if court is not None:
        label = registry.label(court.procedure, court.version, "states", court.state)
        rows = [
            ("人民法院", labels.office_name(court.unit)),
            ("案号", str(court.facts.get("docket") or "")),
            ("结果", labels.into(label)),
        ]
        found += _part("司法确认结果", [book.facts(rows)], when=day(court.closed_at or court.changed_at))
    return found


def performance(src: Source) -> list[Part]:
    rows = [
        [str(n), row["due"], f"{row['sum']} 元" if row["sum"] else row["what"], src.name(row["payer"]),
         day(row["done"]) if row.get("done") else "没有"]
        for n, row in enumerate(src.facts.get("plan") or [], 1)
    ]  # fmt: skip
    found = src.of("receipt", "paid", "complain", "urge_on", "end_elsewhere")
    blocks = (
        [book.table(["期", "约定日期", "金额或者事项", "由谁履行", "履行登记"], rows, [0, 0, 1, 0, 0])] if rows else []
    )
    if not src.facts.get("effective"):
        return []
    return _part("履行情况和收据", [*blocks, *_said(src, found)], src.number("end_elsewhere", "urge_on"), _days(found))


def visits(src: Source) -> list[Part]:
    found = src.of("visit")
    return _part("回访记录", _said(src, found), when=_days(found))


ORDER: tuple[Callable[[Source], list[Part]], ...] = (
    application, acceptance, consents, talks, records, proposals, outcome, confirmation, performance, visits,
)  # fmt: skip


def evidence(src: Source) -> list[Part]:
    """Pictures of the dispute as pages; what is too much or no picture is named with its hash."""
    rows = src.attached()
    blocks, listed, room = [], [], PICTURES_BYTES
    for n, row in enumerate(rows, 1):
        path, name = attachments.path_of(row.sha256), row.name or f"附件 {n}"
        fits = row.mime == "image/jpeg" and len(blocks) < PICTURES_MOST and row.bytes <= room and path.is_file()
        listed.append(
            [str(n), name, f"{row.bytes:,}", row.sha256[:32] + "\n" + row.sha256[32:], "见后页" if fits else "另存"]
        )
        if fits:
            room -= row.bytes
            blocks.append(book.picture(f"{row.sha256[:2]}/{row.sha256}", f"{n}. {name}　{moment(row.at)}"))
    table = [book.table(["序号", "名称", "字节", "SHA-256", "在哪里"], listed, [0, 1, 0, 0, 0], [2])] if rows else []
    return _part("证据材料", [*table, *blocks], when=day(rows[0].at) if rows else "")


def _cover(src: Source) -> dict[str, object]:
    number = src.number("seal", "oral", "accept") or src.code
    ended = src.case.closed_at
    rows = [
        ("卷宗号", number), ("案卷名称", src.title()), ("纠纷类型", src.sort), ("调解员", src.mediator), ("结果", src.state()),
        ("受理日期", day(src.case.opened_at)), ("结案日期", day(ended) if ended else "（还没有办结）"), ("保管期限", f"{YEARS} 年"),
        ("立卷日期", day(src.at)),
    ]  # fmt: skip
    return {
        "over": src.committee,
        "rows": rows,
        "index": "卷内目录",
        "head": ["序号", "文件名称", "日期", "页号", "备注"],
    }


def _back(src: Source) -> dict[str, object]:
    told = [f"本卷由{src.committee}于{moment(src.at)}制作，制作已记入本案记录。", "调解员自己的备忘不入卷。"]
    if not src.talks:
        told.append("与一方的单独谈话笔录不在本卷，由调委会另存。")
    if src.file.shut:
        told.append("制作时保险箱有一部分打不开，本卷不全，应当重做。")
    return {
        "title": "备考表",
        "blocks": [book.words(*told)],
        "pages": "本卷共 {n} 页（不含封面、目录和备考表）。",
        "right": ["立卷人：＿＿＿＿＿＿", "检查人：＿＿＿＿＿＿", "　　　年　　月　　日"],
    }


def whole(src: Source) -> Book:
    """The committee's file. A side gets a copy of what it may read, without the committee's cover words."""
    src.file.papers = [paper for paper in src.file.papers if paper.scope != OWN]
    parts = [part for make in ORDER for part in (evidence(src) if make is records else []) + make(src)]
    copy = src.reader.kind == "side"
    made = Book(
        "调解材料复印件" if copy else "人民调解卷宗",
        parts,
        src.at.astimezone(LOCAL).date(),
        foot=f"{src.committee}　{src.code}",
    )
    made.cover, made.folder = _cover(src), attachments.folder() if attachments.folder().is_dir() else None
    if copy:
        made.cover = made.cover | {
            "rows": [row for row in made.cover["rows"] if row[0] in ("案卷名称", "纠纷类型", "调解员", "结果")]
        }
    else:
        made.back = _back(src)
    return made
