"""A case: what the city owes a person. Its row is a cache of its events; only the one door writes it (rows.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef

from minan.lib.uuid7 import uuid7

if TYPE_CHECKING:
    from minan.kernel.models.unit import User


CLOCKS = "read_with_it"  # where a case read by `to_act` carries its clocks to the one step they are read for


class CaseQuery(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> CaseQuery:
        """The cases one of whose inbox rows lies with a unit this person sits in, and no wall stands between; no others exist for them."""
        from minan.kernel.access import keys_of, units_of  # access reads models: importing it above would be a circle
        from minan.kernel.models.inbox import Inbox  # as above
        from minan.kernel.models.wall import Wall  # as above

        rows = Inbox.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), unit__in=units_of(user))
        walls = Wall.objects.filter(county=OuterRef("county"), case_id=OuterRef("id"), who__in=keys_of(user))
        return self.filter(Exists(rows) & ~Exists(walls))

    def seen_by(self, user: User, code: str) -> Case:
        """`visible_to(user).get(code=code)` as one fixed statement, at a third of its cost. Raises Case.DoesNotExist."""
        from minan.kernel import reads  # as above
        from minan.kernel.access import keys_of, units_of

        for case in reads.objects(self.model, *reads.seen(units_of(user), keys_of(user), code)):
            return case
        raise self.model.DoesNotExist("Case matching query does not exist.")

    def to_act(self, user: User, code: str) -> Case:
        """As `seen_by`, with its clocks in the same statement: for who takes a step on it next (draft.py uses them, once)."""
        from minan.kernel import reads  # as above
        from minan.kernel.access import keys_of, units_of
        from minan.kernel.models.clock import Clock  # as above

        found = reads.with_clocks(self.model, Clock, *reads.seen(units_of(user), keys_of(user), code))
        if found is None:
            raise self.model.DoesNotExist("Case matching query does not exist.")
        case, clocks = found
        case.__dict__[CLOCKS] = clocks
        return case


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)  # where it was opened, fixed for life, independent of `place`
    code = models.CharField(max_length=15)
    procedure = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    edition = models.PositiveIntegerField(default=1)  # of the city's rules when it began
    state = models.CharField(max_length=24)
    moves = models.PositiveIntegerField(default=0)  # counts steps that moved state or clock
    n = models.PositiveIntegerField(default=1)  # number of its last event
    head = models.CharField(max_length=64)  # hash of its last event
    kind = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=12, default="ordinary")
    size = models.CharField(max_length=12, default="ordinary")
    channel = models.CharField(max_length=16, default="web")
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)  # as scrubbed for the work order
    place = models.CharField(max_length=15)
    place_words = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    desk = models.CharField(max_length=32)  # accepts, assigns, visits
    unit = models.CharField(max_length=32, blank=True)  # the lead unit 主办
    ruler = models.CharField(max_length=32, blank=True)  # who is asked for a ruling just now
    marks = models.JSONField(default=dict)  # overlays: urged, supervised, parked, waiting, extended, late, danger …
    facts = models.JSONField(default=dict)  # what later steps need of earlier ones
    outcome = models.CharField(max_length=16, blank=True)
    public = models.BooleanField(default=False)  # its kind is public and a desk accepted the text
    privacy = models.CharField(max_length=12, blank=True)  # "confidential": two people open it; "sealed": the discipline post's
    walls = models.JSONField(default=list)  # who must not come near it: "unit:…", "user:…"; the table Wall repeats them for lists
    anonymous = models.BooleanField(default=False)  # nothing links it to a person; its moments are cut to the hour
    light = models.CharField(max_length=24, blank=True)  # the running clock that ends first
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    parent = models.UUIDField(null=True)
    merged_into = models.CharField(max_length=15, blank=True)
    said_at = models.DateTimeField()  # of an imported message: the old time
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = CaseQuery.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="case_code")]
        indexes = [
            models.Index(fields=["county", "place", "opened_at"], name="case_place"),
            models.Index(fields=["code"], name="case_by_code"),
            # Who is handled together with whom: few among many.
            models.Index(fields=["merged_into"], name="case_joined", condition=~models.Q(merged_into="")),
            # What the world may list (Open311): few among many, newest first.
            models.Index(fields=["-opened_at", "-id"], name="case_public", condition=models.Q(public=True)),
            # All that is open of one procedure, or ended lately: the help lane's copy, its positions to erase.
            models.Index(fields=["procedure", "closed_at"], name="case_procedure"),
            models.Index(fields=["county", "parent"], name="case_children", condition=models.Q(parent__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.code

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read again; what was read beside it is let go, for it is as old as the row was."""
        self.__dict__.pop(CLOCKS, None)
        super().refresh_from_db(*args, **kwargs)

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def as_view(self) -> dict[str, Any]:
        """What pure rules may read of a case."""
        names = (
            "code county procedure version edition state kind urgency size channel title text place place_words desk unit ruler "
            "marks facts outcome public privacy anonymous walls merged_into opened_at closed_at said_at parent"
        )
        return {name: getattr(self, name) for name in names.split()}
