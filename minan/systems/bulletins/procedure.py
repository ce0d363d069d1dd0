"""The procedures of this folder: a bulletin 公告; a post on the board 失物招领; an event 活动 and a seat at it. Each in its own file."""

from __future__ import annotations

from minan.systems.bulletins import bulletin, gathering, lost

PROCEDURE = bulletin.PROCEDURE
MORE = (lost.PROCEDURE, gathering.GATHERING, gathering.SEAT)
