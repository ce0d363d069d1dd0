"""P2: a sample of the permission matrix in every run, on both databases; that it is made of everything there is; and that it bites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from django.db import transaction

from minan.kernel import access, house, sheet, worker
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, open_case
from minan.kernel.models import Case, Inbox, User
from minan.kernel.models.case import CaseQuery
from minan.lib.uuid7 import uuid7
from tests.house import CHANGING
from tests.matrix import oracle, people
from tests.matrix.cells import Cell, Matrix, Report, cells, doors
from tests.matrix.fixture import town  # noqa: F401 a fixture
from tests.matrix.world import World
from tests.pages import PAGES

pytest.importorskip("minan.systems.matters.procedure", reason="not run: P2 (no matters)")
pytestmark = [pytest.mark.django_db, pytest.mark.bar("P2")]
THIN, EVERY, LEAST = 11, 12, 1_800


def sample(world: World, wanted: Callable[[int, Cell], bool]) -> Report:
    asked = Matrix(world)
    for n, cell in enumerate(cells(world, THIN)):
        if wanted(n, cell):
            asked.run(cell)
    return asked.report


def test_nobody_in_a_sample_reads_a_word_that_is_not_theirs(town: World) -> None:  # noqa: F811
    report = sample(town, lambda n, cell: n % EVERY == 0)
    print(report)
    assert not report.leaks, f"{len(report.leaks)} leaks\n" + "\n".join(report.leaks[:60])
    assert sum(report.cells.values()) >= LEAST


# ---- it is made of everything there is


def test_every_address_role_and_relation_stands_in_it(town: World) -> None:  # noqa: F811
    every = list(cells(town, THIN))
    assert {cell.door.route for cell in every} == set(PAGES)
    assert {(cell.door.route, cell.door.method) for cell in every} >= {
        (route, method) for route, row in PAGES.items() for method, on in (("get", row.get), ("post", row.post)) if on
    }
    of_cases = {route for route, row in PAGES.items() if row.about}
    roles = {(town.people[c.person].role, c.door.route) for c in every}
    assert {(role, route) for role in people.ROLES for route in of_cases} <= roles
    relations = {(town.people[c.person].relation, c.door.route) for c in every}
    assert {(relation, route) for relation in people.RELATIONS for route in of_cases} <= relations
    states = {(cell.letter, cell.door.route) for cell in every if cell.door.per_case}
    assert {(letter, door.route) for letter in town.plans for door in doors() if door.per_case} <= states
    assert len({p.role for p in town.people.values()}) >= 14
    assert set(people.ROLES) >= {*house.ORDINARY, *house.STAND_IN, *house.TWO_ROLES}


def test_the_world_is_as_the_oracle_takes_it_to_be(town: World) -> None:  # noqa: F811
    for letter, plan in town.plans.items():
        case = town.cases[letter]
        assert (case.desk, case.unit, case.ruler) == (plan.desk, plan.lead, plan.ruler), plan.state
        assert case.privacy == plan.privacy, plan.state
        assert {w[5:] for w in case.walls if w.startswith("unit:")} == set(plan.walled_units), plan.state
        assert (case.closed_at is not None) == (letter in "EGHO"), plan.state
        assert bool(case.public) == plan.public
        assert case.anonymous == (letter == "F")


def test_each_field_is_read_by_somebody_who_may(town: World) -> None:  # noqa: F811
    """Else the matrix would look for words that stand nowhere."""
    asked = Matrix(town)
    paths = {
        "clerk own": ("/desk/{code}/", "/desk/{code}/photos/{photo}/"), "speaker": ("/m/{code}/", "/m/{code}/rights/"),
        "opener": ("/desk/{code}/",), "audit city": ("/house/register/",), "clerk parent by block": ("/desk/{code}/",),
    }  # fmt: skip
    for name, theirs in paths.items():
        for door in doors():
            if door.path in theirs and door.method == "get":
                for letter in town.plans:
                    asked.run(Cell(name, door, letter))
    missing = (oracle.WORK | oracle.INNER | oracle.SHUT) - set(asked.report.seen)
    assert not missing, f"nobody reads these: {missing}"
    assert not asked.report.leaks


# ---- a number tells nothing either


COUNTED = (
    "desk/", "tasks/", "board/", "supervise/", "supervise/cases/", "api/v1/cases", "api/v1/counts", "mine/", "about/",
    "open311/v2/requests.<open311format:form>",
)  # fmt: skip
MINUTES = re.compile(rb"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?|\d+\s*(?:min|h\b|\xe5\x88\x86\xe9\x92\x9f|\xe5\xb0\x8f\xe6\x97\xb6)")


def shut_ones() -> list[Case]:
    """A confidential matter, a sealed report, and a matter about the lighting office: three more that are in no count."""
    said = []
    for name, more in (("matter", {"confidential": True}), ("report", {}), ("matter", {"about": people.LIGHTING})):
        facts = {"text": "又有一件事", "place": "131022100010"} | more
        opened = open_case(name, by=SPEAKER, facts=facts)
        assert isinstance(opened, Opened), opened
        said.append(opened.case)
    worker.settle()
    return said


def numbers(world: World, who: Iterable[str]) -> dict[tuple[str, str], bytes]:
    asked = Matrix(world)
    out = {}
    for door in doors():
        if door.route in COUNTED and door.method == "get" and "{" not in door.path:
            for name in who:
                _got, body, _sqls = asked.ask(name, door, "")
                out[name, door.path] = MINUTES.sub(b"", CHANGING.sub(b"", body))
    return out


def moved(world: World) -> list[tuple[str, str]]:
    """Whose lists and counts changed, of those who may know of none of the three."""
    circles = ("C", "D", "I")  # of the same privacy, place and walls
    who = [
        name for n, (name, p) in enumerate(world.people.items())
        if (n % 7 == 0 or p.at[0] < 0) and not any(oracle.works_on(p, world.plans[letter]) for letter in circles)
    ]  # fmt: skip
    for _turn in range(2):  # a clock that moved on meanwhile is no leak
        before = numbers(world, who)
        with transaction.atomic():
            shut_ones()
            after = numbers(world, who)
            transaction.set_rollback(True)
        found = [key for key in before if before[key] != after[key]]
        if not found:
            return []
    return found


@pytest.mark.slow
def test_what_is_shut_moves_no_number_of_those_who_may_not_know(town: World) -> None:  # noqa: F811
    assert moved(town) == []


# ---- it bites


def _no_walls(m: pytest.MonkeyPatch) -> None:
    """visible_to, the lists and the roles forget whom a wall names."""
    m.setattr(Actor, "keys", property(lambda self: []))


def _no_privacy(m: pytest.MonkeyPatch) -> None:
    """A confidential matter goes into the same inboxes as any other; what shows a case asks for the same audience."""
    real = access.audience
    m.setattr(access, "audience", lambda case: real({**case, "privacy": ""}))
    for case in Case.objects.filter(privacy="confidential"):
        for unit in access.audience(case.as_view()):
            row = Inbox.objects.filter(case_id=case.id).order_by("unit").first()
            assert row is not None
            if not Inbox.objects.filter(case_id=case.id, unit=unit).exists():
                row.id, row.unit = uuid7(), unit
                row.save(force_insert=True)


def _notes_told(m: pytest.MonkeyPatch) -> None:
    """The speaker's page shows what is the staff's own."""
    real = sheet.lines
    m.setattr(sheet, "lines", lambda case, **more: real(case, **(more | {"staff": True})))


def _refused(m: pytest.MonkeyPatch) -> None:
    """A stranger's refusal costs one question more than a code that is nobody's."""
    real = CaseQuery.seen_by

    def seen_by(self: CaseQuery, user: User, code: str) -> Case:
        self.filter(code=code, closed_at=None).first()
        return real(self, user, code) if not self.filter(code=code).exists() else self._looked(user, code)

    m.setattr(CaseQuery, "_looked", lambda self, user, code: (self.filter(code=code).count(), real(self, user, code))[1], raising=False)
    m.setattr(CaseQuery, "seen_by", seen_by)


BITES: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], tuple[str, ...], str, str]] = {
    # who is asked, and two words of what must be found
    "walls out of visible_to": (_no_walls, ("named", "recused", "handler lead"), "stood aside", "reads K"),
    "privacy out of audience": (_no_privacy, ("supervisor parent by line", "clerk city"), "confidential", "/desk/"),
    "a note shown to the speaker": (_notes_told, ("speaker", "account"), "/m/", "reads A注"),
    "a refusal that asks more": (_refused, ("clerk sibling desk",), "unlike a missing case", "SELECT"),
}


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("bite", BITES)
def test_the_matrix_finds_it_when_a_defence_is_taken_out(monkeypatch: pytest.MonkeyPatch, town: World, bite: str) -> None:  # noqa: F811
    take_out, who, *words = BITES[bite]
    asked = Matrix(town)
    known = [Cell(name, door, letter) for name in who for door in doors() if door.method == "get" and door.about for letter in town.plans]
    for cell in known[::5]:
        asked.run(cell)
    assert not asked.report.leaks, "before anything is taken out there is none"
    take_out(monkeypatch)
    asked, leaks = Matrix(town), []
    for cell in known:
        asked.run(cell)
        leaks = asked.report.leaks
        if leaks and all(any(word in leak for leak in leaks) for word in words):
            return
    pytest.fail(f"not found: {words}\n" + "\n".join(leaks[:10]))


@pytest.mark.slow
@pytest.mark.once
def test_a_number_that_moves_is_found(monkeypatch: pytest.MonkeyPatch, town: World) -> None:  # noqa: F811
    monkeypatch.setattr(access, "shut", lambda case: False)
    assert moved(town) != []
