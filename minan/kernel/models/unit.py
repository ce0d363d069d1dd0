"""Who works where: units with their two parents (block 块, line 条), people, their posts and their tokens."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Unit(models.Model):
    id = models.CharField(
        max_length=32, primary_key=True
    )  # place code at its level's width, "-", word: 131022100-station
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12)  # centre station point department seat
    level = models.CharField(max_length=8)
    place = models.CharField(max_length=15, db_index=True)
    ranges = models.JSONField(default=list)  # place codes; each means its subtree
    block = models.CharField(max_length=32, blank=True, db_index=True)  # local government's desk above
    line = models.CharField(max_length=32, blank=True)  # own department above
    word = models.CharField(max_length=24)  # lighting, heat, police …: what duty lists name
    hours = models.CharField(max_length=24, default="default")
    lead = models.BooleanField(default=False)  # a desk that may handle itself
    until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in: staff by their posts, a resident without any."""

    name = models.CharField(max_length=40, blank=True)
    name_en = models.CharField(max_length=60, blank=True)
    lang = models.CharField(max_length=8, default="zh-hans")
    elder = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name or self.username


class Post(models.Model):
    """One person's seat in one unit with one role, for a time; `seat` is the centre they also sit in."""

    ROLES = (
        "clerk", "worker", "operator", "handler", "supervisor", "mediator", "signer", "head", "discipline", "admin", "security", "audit",
    )  # fmt: skip
    # "admin" keeps the system and the city's rules, "security" grants, keys and limits, "audit" reads what the others did (等保 8.1.5)

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=12)
    title = models.CharField(max_length=40, blank=True)
    seat = models.CharField(max_length=32, blank=True)
    seat_hours = models.JSONField(default=list)  # [[weekday, "08:30", "17:30"], …]; empty: always
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "unit", "role"], name="post_once")]

    def __str__(self) -> str:
        return f"{self.unit_id}:{self.role}"


class Token(models.Model):
    """A bearer token of a person for the JSON API; only its hash is kept."""

    mark = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    made_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)
