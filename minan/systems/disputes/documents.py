"""The papers that leave a dispute one by one: the agreement 人民调解协议书, the oral one's form 口头协议登记表, and the joint application
for judicial confirmation 司法确认申请书. In Chinese whatever the reader's language: they are papers of law.

人民调解法 art. 28–31, 33; the wording follows the forms of the ministry of justice for mediation files (引用前请核对).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from minan.kernel import book, labels
from minan.kernel.book import Block, Part
from minan.systems.disputes.papers import Paper
from minan.systems.disputes.source import MEDIATOR, Source, day, moment

AGREEMENT, ORAL, COURT = "人民调解协议书", "口头协议登记表", "司法确认申请书"
HEADS = {
    "facts": "一、纠纷的主要事实、争议事项", "duty": "二、各方当事人的责任", "terms": "三、约定的内容",
    "manner": "四、履行的方式、地点、期限",
}  # fmt: skip
LAW = (
    "本协议自各方当事人签名、盖章或者按指印，调解员签名并加盖人民调解委员会印章之日起生效（《人民调解法》第二十九条）。"
    "各方当事人应当按照约定履行；人民调解委员会对履行情况进行监督（第三十一条）。",
    "各方可以自本协议生效之日起三十日内共同向人民法院申请司法确认；经确认有效的，一方不履行或者未全部履行，"
    "对方可以申请强制执行（第三十三条）。对协议的履行或者内容发生争议的，可以向人民法院起诉（第三十二条）。",
)
PLEDGE = (
    "申请人共同承诺：（一）出于解决纠纷的目的自愿达成调解协议，没有恶意串通、规避法律的行为；（二）协议不违反法律、行政法规的强制性规定，"
    "不损害国家利益、社会公共利益和他人合法权益，不违背公序良俗；（三）因该协议内容给他人造成损害的，愿意承担相应的民事责任和其他法律责任。"
)


def parties(src: Source) -> list[tuple[str, str]]:
    return [(src.party(ref), src.file.names.get(ref, "（姓名未登记）")) for ref in src.refs()]


def plan(src: Source) -> list[Block]:
    """The instalments as agreed, with how far they are performed."""
    rows = src.facts.get("plan") or []
    if not rows:
        return []
    lines, payees = [], any(row.get("to") for row in rows)  # with more than two sides a row says to whom
    for n, row in enumerate(rows, 1):
        what = f"{row['sum']} 元" if row["sum"] else row["what"]
        to = src.name(row["to"]) if row.get("to") else ""
        lines.append([str(n), row["due"], what, src.name(row["payer"]), *([to] if payees else [])])
    titles = ["期", "履行日期", "金额或者事项", "由谁履行", *(["付给谁"] if payees else [])]
    return [book.table(titles, lines, [0, 0, 1, 0, *([0] if payees else [])])]


def latest(src: Source, step: str) -> Paper | None:
    """The paper that counts: the draft that is being signed, the last of others."""
    found = src.of(step)
    if step == "draft":
        n = (src.facts.get("draft") or {}).get("n")
        return next((paper for paper in found if paper.n == n), None)
    return found[-1] if found else None


def _terms(paper: Paper | None) -> list[Block]:
    said = dict(zip(paper.names, (words for _label, words in paper.rows), strict=True)) if paper else {}
    blocks: list[Block] = []
    for name, title in HEADS.items():
        if said.get(name):
            blocks += [book.head(title), book.words(said[name])]
    return blocks


def _sealed(src: Source, step: str) -> list[Block]:
    """What is written beside the electronic seal, and the day it took effect; a line that says so where it was not sealed yet."""
    event = src.event(step)
    if not src.facts.get("effective") or event is None:
        return [book.note("这一份还没有签齐、盖章，没有生效。")]
    where = f"{settings.ADDRESS.rstrip('/')}/seal/" if settings.ADDRESS else "本平台“怎么核验签章”"
    lines = [f"{src.committee}", f"盖章时间 {moment(event.at)}", "本文件带数字签名，改动就通不过核验", f"核验：{where}"]
    return [book.seal("电子签章", *lines), book.right(src.committee, f"生效日期：{day(src.facts['effective'])}")]


def signed_by(src: Source) -> list[dict[str, Any]]:
    out = []
    for ref in (*src.refs(), MEDIATOR):
        mark = src.signature(ref)
        name = src.name(ref) if mark["how"] else ""
        out.append(book.signature(f"{src.party(ref)}（签名）", name, mark["how"], mark["svg"]))
    return out


def agreement(src: Source) -> Part | None:
    """Art. 29: parties, facts and points in dispute, each side's responsibility, what was agreed, how and by when; signed and sealed."""
    paper = latest(src, "draft")
    if paper is None or src.facts.get("oral"):
        return None
    number, facts = src.number("seal"), parties(src)
    facts += [("纠纷类型", src.sort), ("调解员", src.mediator), ("人民调解委员会", src.committee), ("编号", src.code)]
    blocks = [
        book.facts(facts),
        *_terms(paper),
        *plan(src),
        book.head("五、其他"),
        book.words(*LAW),
        book.signs(signed_by(src)),
    ]
    when = src.facts.get("effective")
    return Part(
        AGREEMENT,
        [*blocks, *_sealed(src, "seal")],
        number,
        moment(src.at) if not when else day(when),
        "" if when else "未生效",
    )


def oral(src: Source) -> Part | None:
    """Art. 28 and 30: an oral agreement, noted by the mediator; binding from when it was reached."""
    paper = latest(src, "oral")
    if paper is None or not src.facts.get("oral"):
        return None
    facts = [*parties(src), ("纠纷类型", src.sort), ("达成日期", day(src.facts["effective"])), ("调解员", src.mediator),
             ("人民调解委员会", src.committee), ("编号", src.code)]  # fmt: skip
    said = dict(zip(paper.names, (words for _label, words in paper.rows), strict=True))
    cause = next((words for p in src.of("accept") for _label, words in p.rows), "")
    blocks = [
        book.facts(facts), book.head("纠纷事由"), book.words(cause or src.sort), book.head("协议内容"),
        book.words(said.get("terms", "")), *plan(src),
        book.note("口头调解协议自各方当事人达成协议之日起生效，由调解员记录（《人民调解法》第二十八条、第三十条）。"),
        book.signs([book.signature("调解员（签名）", src.mediator, f"{moment(paper.at)} {'本人账号登记'}")]),
    ]  # fmt: skip
    return Part(ORAL, [*blocks, *_sealed(src, "oral")], src.number("oral"), day(src.facts["effective"]))


def application(src: Source) -> Part | None:
    """Art. 33: both sides together, within thirty days. Each signs the print by hand; that they asked by their own link stands on it."""
    when = src.facts.get("effective")
    if not when or src.facts.get("oral"):
        return None
    paper, number = latest(src, "draft"), src.number("seal")
    wanted = set(src.facts.get("confirm") or [])
    who = [(f"申请人（{src.party(ref)}）", src.file.names.get(ref, "")) for ref in src.refs()]
    blanks = [
        line
        for ref in src.refs()
        for line in (
            (f"{src.name(ref)} 身份证号码", "＿＿＿＿＿＿＿＿＿＿＿＿"),
            ("住址、电话", "＿＿＿＿＿＿＿＿＿＿＿＿"),
        )
    ]
    said = dict(zip(paper.names, (words for _label, words in paper.rows), strict=True)) if paper else {}
    court = labels.office_name(src.court.unit) if src.court and src.court.unit else "＿＿＿＿人民法院"
    reason = (
        f"各方因{src.sort}，经{src.committee}主持调解，于{day(when)}达成{number}调解协议，协议已经生效。主要内容如下："
    )
    signs = [
        book.signature("申请人（签名）", "", f"{src.name(ref)}{'：已经本人链接提出申请' if ref in wanted else ''}")
        for ref in src.refs()
    ]
    blocks = [
        book.facts([*who, *blanks]), book.head("请求事项"),
        book.words(f"依法确认{src.committee}{number}人民调解协议有效。"), book.head("事实和理由"), book.words(reason, said.get("terms", "")), *plan(src),
        book.head("承诺"), book.words(PLEDGE), book.words("此致", court),
        book.signs([one | {"blank": True} for one in signs]), book.right("　　　年　　月　　日"),
        book.note("附：调解协议书一份、各方身份证明、与调解协议相关的财产权利证明（《人民调解法》第三十三条；民事诉讼法特别程序，引用前请核对）。"),
    ]  # fmt: skip
    return Part(COURT, blocks, src.number("file_court"), day(when))


KINDS = {"agreement": agreement, "oral": oral, "court": application}
SEALED = {"agreement": "seal", "oral": "oral"}  # which event the seal on it rests on
