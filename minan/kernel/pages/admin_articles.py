"""The collection of articles 法条 as the administrator edits it; `?hole=stale`: those to be held against what is published again."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from minan.kernel import articles
from minan.kernel.models import Article
from minan.kernel.pages.admin_tables import OF_KIND, TABLES, C, Table


def to_check() -> Q:
    """Articles in use that were never checked, or too long ago."""
    today = timezone.localdate()
    return Q(code__in=[row.code for row in articles.rows() if articles.stale(row, today)])


ARTICLES = Table(
    "articles",
    Article,
    _("法条"),
    _("哪类事依哪一条。办事的人在事项旁边看到，谁都能查；过了核对的日子就标出来。"),
    (
        C("code", _("代码"), required=True),
        *OF_KIND,
        C("law", _("法律、办法"), required=True),
        C("article", _("第几条"), required=True),
        C("title", _("标题"), required=True),
        C("title_en", _("标题（英文）"), required=True),
        C("text", _("正文"), "long", _("照公布的文本写"), required=True),
        C("text_en", _("正文（英文）"), "long"),
        C("source", _("在哪里公布")),
        C("checked", _("哪天核对过"), "date", _("和公布的文本对过的那一天")),
        C("days", _("多少天后再核对"), "number", required=True),
        C("active", _("在用"), "bool"),
    ),
    ("law", "article", "title", "group", "kind", "checked", "active"),
    ("code", "law", "article", "title", "text"),
    ("law", "code"),
    narrow={"kind": "kind"},
    holes={"stale": to_check},
)
TABLES[ARTICLES.name] = ARTICLES
