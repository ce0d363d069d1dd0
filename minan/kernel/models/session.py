"""A browser's session, with its user beside it so that one SELECT reads both."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from minan.kernel.models.unit import User


class Session(AbstractBaseSession):
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)

    class Meta:
        db_table = "kernel_session"
