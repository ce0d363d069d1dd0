"""The kernel's tables, one noun a file."""

from minan.kernel.models.attachment import Attachment
from minan.kernel.models.bus import BusAccount, BusCount, BusEar, BusParked
from minan.kernel.models.case import Case
from minan.kernel.models.city import (
    Article,
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Question,
    RestDay,
    StandardAnswer,
)
from minan.kernel.models.clock import Clock
from minan.kernel.models.event import Body, Event
from minan.kernel.models.inbox import Inbox, Tally
from minan.kernel.models.outbox import Delivery, Message, Outbox, ProviderState, Sparing
from minan.kernel.models.place import Place
from minan.kernel.models.proposal import Proposal
from minan.kernel.models.reminder import Reminder, Rota
from minan.kernel.models.reply import Reply
from minan.kernel.models.revoked import Revoked
from minan.kernel.models.routing import Planned, Pushed, RoutingRule
from minan.kernel.models.session import Session
from minan.kernel.models.snapshot import Serial, Snapshot
from minan.kernel.models.speaker import Speaker
from minan.kernel.models.unit import Post, Token, Unit, User
from minan.kernel.models.wall import Judged, Look, Strike, Tie, Wall

__all__ = [
    "Article", "Attachment", "Body", "BusAccount", "BusCount", "BusEar", "BusParked", "Case", "Clock", "Delivery", "Duty", "Edition",
    "Event", "Ground", "Inbox", "Judged", "Kind", "LimitRule", "Look",
    "Message", "OfficeHours", "Outbox", "Place", "Planned", "Post", "Proposal", "ProviderState", "Pushed",
    "Question", "Reminder", "Reply", "RestDay", "Revoked", "Rota", "RoutingRule", "Serial", "Session", "Snapshot", "Sparing", "Speaker",
    "StandardAnswer", "Strike", "Tally", "Tie", "Token", "Unit", "User", "Wall",
]  # fmt: skip
