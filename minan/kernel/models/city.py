"""What a city changes every week, as data: kinds, questions, duties, limits, grounds, answers, hours, rest days.

Limits, duties and questions carry the edition they begin and end with, so that a case keeps the rules it began under.
"""

from __future__ import annotations

from django.db import models


class Edition(models.Model):
    """One publication of the city's rules; every change of the tables below makes one."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    what = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)


class Kind(models.Model):
    code = models.CharField(max_length=40, primary_key=True)
    group = models.CharField(max_length=24)
    group_name = models.CharField(max_length=40)
    group_name_en = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    words = models.CharField(max_length=300, blank=True)
    urgency = models.CharField(max_length=12, default="ordinary")
    size = models.CharField(max_length=12, default="ordinary")
    proof = models.CharField(max_length=12, default="text")  # photo text none
    public = models.BooleanField(default=False)
    turn_to = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    rank = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Versioned(models.Model):
    since = models.PositiveIntegerField(default=1)
    until = models.PositiveIntegerField(null=True, blank=True)  # first edition in which it no longer holds

    class Meta:
        abstract = True


class Question(Versioned):
    kind = models.ForeignKey(Kind, on_delete=models.CASCADE, related_name="questions")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    label_en = models.CharField(max_length=160)
    type = models.CharField(max_length=12, default="text")  # text long choice yesno number date
    required = models.BooleanField(default=False)
    options = models.JSONField(default=list)  # [{"value","zh","en"}]
    condition = models.JSONField(default=dict)  # {"question": code, "is": value or [values]}
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code", "since"], name="question_once")]


class Duty(Versioned):
    """Whose duty a kind is: the department word, at a level, with its rule (职责清单)."""

    kind = models.CharField(max_length=40)
    level = models.CharField(max_length=8)
    word = models.CharField(max_length=24)
    rule = models.CharField(max_length=60)
    article = models.CharField(max_length=200, blank=True)


class LimitRule(Versioned):
    """How long a clock may run. Empty urgency, size or group means any; the most exact row wins."""

    clock = models.CharField(max_length=24)
    urgency = models.CharField(max_length=12, blank=True)
    size = models.CharField(max_length=12, blank=True)
    group = models.CharField(max_length=24, blank=True)
    limit = models.CharField(max_length=12)
    rule = models.CharField(max_length=60)
    article = models.CharField(max_length=200, blank=True)
    article_en = models.CharField(max_length=200, blank=True)
    legal = models.CharField(max_length=12, blank=True)
    legal_article = models.CharField(max_length=200, blank=True)


class Ground(models.Model):
    """A closed list of grounds: for refusing, pausing, extending, parking, sending back; and of outcomes."""

    code = models.CharField(max_length=40, primary_key=True)
    list = models.CharField(max_length=16)  # refuse extend park pause send_back outcome
    label = models.CharField(max_length=120)
    label_en = models.CharField(max_length=160)
    article = models.CharField(max_length=200, blank=True)
    where = models.CharField(max_length=200, blank=True)  # where to go instead
    where_en = models.CharField(max_length=240, blank=True)
    days = models.PositiveSmallIntegerField(default=0)  # of a pause: the longest it may last on this ground; 0: no word
    active = models.BooleanField(default=True)
    rank = models.PositiveIntegerField(default=0)


class StandardAnswer(models.Model):
    code = models.CharField(max_length=40, primary_key=True)
    step = models.CharField(max_length=24)
    group = models.CharField(max_length=24, blank=True)  # kind group; empty: any
    kind = models.CharField(max_length=40, blank=True)  # one kind; empty: any of the group
    state = models.CharField(max_length=24, blank=True)  # only from this state; empty: any
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    active = models.BooleanField(default=True)


class Article(models.Model):
    """What a law or a rule says on a kind of matter, in the city's own collection 依据; `checked`: held last against what is published."""

    code = models.CharField(max_length=40, primary_key=True)
    group = models.CharField(max_length=24, blank=True)  # kind group; empty: any
    kind = models.CharField(max_length=40, blank=True)  # one kind; empty: any of the group
    law = models.CharField(max_length=80)
    article = models.CharField(max_length=60)  # 第一千二百五十八条
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)  # where it is published
    checked = models.DateField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(default=365)  # then it is to be checked again
    active = models.BooleanField(default=True)


class OfficeHours(models.Model):
    name = models.CharField(max_length=24, primary_key=True)
    label = models.CharField(max_length=60)
    seasons = models.JSONField(default=dict)  # calendar.Hours as JSON


class RestDay(models.Model):
    """A city's own word on one date; it wins over the official calendar."""

    date = models.DateField(primary_key=True)
    working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)
