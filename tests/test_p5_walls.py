"""P5: who is complained about, whoever stands under them by block or by line, and declared relatives: they see, get and learn nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from minan.channels.api import tallied
from minan.kernel import access, directory, duplicates, inbox, notices, routing, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.commands.token import issue
from minan.kernel.directory import Office, PostRow
from minan.kernel.inbox import Wanted
from minan.kernel.models import Attachment, Case, Event, Inbox, Message, Post, Tie, User
from minan.kernel.pages.overview import Overview, scopes
from minan.kernel.tests.desks import desk_of, text_of
from minan.kernel.tests.made_pictures import encoded, scene

pytestmark = pytest.mark.bar("P5")
TREES = 5_000
TOWN, COUNTY, PLACE = "131022100000", "131022000000", "131022100010"
ROLES = ("worker", "clerk", "handler", "supervisor", "mediator", "signer", "admin", "head")


# ---- random trees of offices, in memory


class Land:
    """A town's offices with two parents each, made of a seed; and a case with walls among them."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        names = [f"u{n}" for n in range(chance.randint(3, 14))]
        self.units = {name: self._office(name, names[:n]) for n, name in enumerate(names)}
        self.city = directory._City(stamp=0)
        self.city.units = self.units
        self.at()
        holders = [chance.choice(names) for _ in range(3)]
        self.walls = [f"unit:{u}" for u in chance.sample(names, chance.randint(1, 2))]
        self.walls += ["user:7"] if chance.random() < 0.2 else []
        marks = {"called": [chance.choice(names)]} if chance.random() < 0.3 else {}
        privacy = chance.choice(("", "", "", "confidential"))
        self.case = {
            "desk": holders[0], "unit": chance.choice(("", holders[1])), "ruler": chance.choice(("", holders[2])), "place": TOWN,
            "marks": marks, "privacy": privacy, "walls": self.walls,
        }  # fmt: skip

    def _office(self, name: str, above: list[str]) -> Office:
        """Parents come before children, so that there is no ring; one in ten has one on purpose further below."""
        block = self.chance.choice(["", *above]) if above else ""
        line = self.chance.choice(["", *above]) if above else ""
        kind = self.chance.choice(("station", "department", "point", "centre"))
        return Office(name, name, name, kind, "town", TOWN, [TOWN], block, line, kind, "default", True)

    def at(self) -> None:
        for office in self.units.values():
            self.city.at.setdefault((office.kind, TOWN), []).append(office.id)
        self.city.places = {TOWN: directory.Spot(TOWN, "镇", "town", "", "", "")}

    def under(self, top: str) -> set[str]:
        """The unit and everything below it: found from above, as the code finds it from below."""
        found = {top}
        while more := {o.id for o in self.units.values() if (o.block in found or o.line in found)} - found:
            found |= more
        return found

    @property
    def kept_away(self) -> set[str]:
        return set().union(*(self.under(w[5:]) for w in self.walls if w.startswith("unit:")))

    def people(self) -> Iterator[Actor]:
        for user in (7, 8, 9):
            posts = [
                PostRow(self.chance.choice(list(self.units)), self.chance.choice(ROLES), "", self.chance.choice(("", *self.units)))
                for _ in range(self.chance.randint(1, 2))
            ]
            yield Actor("staff", user, tuple(posts))


def holds(land: Land) -> None:
    """All that must be true of one land; raises AssertionError."""
    away, case = land.kept_away, land.case
    assert not away & set(access.audience(case)), "a barred unit has it in its inbox"
    for unit in land.units:
        assert access.barred(unit, land.walls) == (unit in away)
        free = access.free(unit, land.walls)
        assert free not in away, "it was handed to a barred unit"
        assert not free or free == unit or free in routing.chain(unit), "it went to somebody who is not above"
    for who in land.people():
        roles, open_roles = access.roles_of(who, case), access.roles_of(who, case | {"walls": []})
        barred = bool(set(who.units) & away) or ("user:7" in land.walls and who.user_id == 7)
        assert (not set(land.walls).isdisjoint(who.keys)) == barred
        assert not (barred and roles), "a barred person has a role"
        assert barred or case["privacy"] or roles.keys() <= open_roles.keys()
        if not barred and not case["privacy"]:
            assert roles.keys() == {r for r, p in open_roles.items()}, "somebody who is free lost a role"


def trees(monkeypatch: Any, most: int = TREES) -> int:
    """How many trees held; raises AssertionError at the first that does not."""
    for seed in range(most):
        land = Land(seed)
        monkeypatch.setattr(directory, "city", lambda land=land: land.city)
        holds(land)
    return most


def test_over_five_thousand_trees_of_offices_nobody_behind_a_wall_comes_near(monkeypatch: Any) -> None:
    assert trees(monkeypatch) == TREES


LEAKS: dict[str, Callable[[Any], None]] = {
    "only the unit itself": lambda m: m.setattr(routing, "over", lambda unit: [unit]),
    "only by block": lambda m: m.setattr(routing, "over", lambda unit: [unit, *routing.chain(unit)]),
    "the audience forgets": lambda m: m.setattr(access, "barred", lambda _unit, _walls: False),
    "roles forget": lambda m: m.setattr(Actor, "keys", property(lambda self: [])),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_the_check_bites(monkeypatch: Any, leak: str) -> None:
    LEAKS[leak](monkeypatch)
    with pytest.raises(AssertionError):
        trees(monkeypatch, 300)


# ---- the whole house, with canaries


STATION, CENTRE, LIGHTING, POINT, URBAN = (
    "131022100-station", "131022-centre", "131022-lighting", "131022100010-point", "131022-urban",
)  # fmt: skip
WORD = "金丝雀"


def said(n: int, **facts: Any) -> Case:
    given = {"text": f"{WORD}{n}路灯不亮，小区东门外", "place": PLACE, "kind": "lamp.out", "place_words": f"{WORD}门{n}"} | facts
    opened = open_case("matter", by=SPEAKER, facts=given)
    assert isinstance(opened, Opened), opened
    return opened.case


def go(case: Case, step: str, who: Any, **facts: Any) -> Case:
    done = act(Case.objects.get(id=case.id), step, by=who, facts=facts)
    assert isinstance(done, Event), (step, done)
    return Case.objects.get(id=case.id)


def kept_apart(people: dict[str, User]) -> list[Case]:
    """Matters about those who would handle them: from the first, in a lead's hands, sent back, answered, with an order; by person."""
    who = {name: actor(user) for name, user in people.items()}
    clerk, handler, centre = who["clerk"], who["handler"], who["supervisor"]
    out = [said(0, about=STATION), said(1, about=LIGHTING), said(2, about=URBAN)]
    held = go(go(said(3), "accept", clerk), "assign", clerk, unit=LIGHTING)
    out.append(go(held, "wall", clerk, about=LIGHTING, words="说的是他们"))
    back = go(go(go(said(4), "accept", clerk), "assign", clerk, unit=LIGHTING), "sign", handler)
    back = go(back, "send_back", handler, article="第 1 条", words="不归这里")
    out.append(go(back, "wall", centre, about=STATION, words="说的是站里"))
    ordered = go(go(said(5), "accept", clerk), "supervise", centre, words=f"{WORD}三天办好")
    out.append(go(ordered, "wall", centre, whom=str(people["clerk"].pk), words="说的是陈静"))
    out.append(go(go(said(6), "note", clerk, words=f"{WORD}备注"), "recuse", clerk))
    answered = go(go(said(7, kind="order.build"), "accept", clerk), "handle_myself", clerk)
    answered = go(answered, "answer", clerk, outcome="explained", article="第 2 条", words=f"{WORD}答复")
    out.append(go(answered, "wall", centre, about=STATION, words="说的是站里"))
    worker.settle()
    return [Case.objects.get(id=case.id) for case in out]


def under(top: str) -> set[str]:
    found = {top}
    units = directory.city().units.values()
    while more := {o.id for o in units if o.block in found or o.line in found} - found:
        found |= more
    return found


def away(case: Case) -> tuple[set[str], set[int]]:
    """The units and the persons who must not come near."""
    units = set().union(set(), *(under(w[5:]) for w in case.walls if w.startswith("unit:")))
    return units, {int(w[5:]) for w in case.walls if w.startswith("user:")}


def kept(user: User, case: Case) -> bool:
    units, persons = away(case)
    posts = directory.posts_of(user.pk)
    return user.pk in persons or any(p.unit in units or p.seat in units for p in posts)


@pytest.fixture
def staffed(people: dict[str, User]) -> dict[str, User]:
    """Heads in every office that is meant, and a relative elsewhere."""
    for unit, name in ((LIGHTING, "light.head"), (URBAN, "urban.head"), (POINT, "point.head"), (STATION, "station.admin")):
        user = User.objects.create(username=name, name=name)
        Post.objects.create(user=user, unit_id=unit, role="admin" if "admin" in name else "supervisor")
        people[name] = user
    Tie.objects.create(user=people["gx.clerk"], other=people["clerk"])
    directory.touch()
    return people


@pytest.mark.django_db
def test_in_the_whole_house_whoever_is_kept_away_finds_no_word_of_it(staffed: dict[str, User]) -> None:
    """Some hundred pairs of a person and a matter: list, search, code, roles, hand-over, merge, likely ones, notices."""
    cases = kept_apart(staffed)
    users = list(staffed.values())
    pairs = [(user, case) for user in users for case in cases if kept(user, case)]
    assert len(pairs) > 60
    for case in cases:
        assert not away(case)[0] & {case.desk, case.unit, case.ruler}, "held by whom it is about"
    for user, case in pairs:
        assert not Case.objects.visible_to(user).filter(id=case.id).exists(), (user, case.walls)
        assert access.roles_of(actor(user), case.as_view()) == {}
        with pytest.raises(Case.DoesNotExist):
            act(case, "note", by=actor(user), facts={"words": "x"})
    for user in users:
        mine = {c.id for c in cases if kept(user, c)}
        for wanted in (Wanted(limit=100), Wanted(q=WORD, limit=100), Wanted(order="due", limit=100), Wanted(flag="supervised", limit=100)):
            assert not mine & {c.id for c in inbox.listed(user, wanted).items}, user
        seen = Case.objects.visible_to(user).filter(closed_at=None).count()
        assert inbox.counts(user).light["all"] == seen, user
        likely = duplicates.candidates(cases[0], user, datetime.now(UTC))
        assert not mine & {c.id for c in likely}
        assert not mine & {c.id for group in duplicates.alike(user).groups for c in group.cases}


@pytest.mark.django_db
def test_no_notice_goes_to_a_barred_unit_after_the_wall_and_none_stays_on_its_board(staffed: dict[str, User]) -> None:
    for case in kept_apart(staffed):
        units, _persons = away(case)
        since = Event.objects.filter(case_id=case.id, step__in=("wall", "say")).latest("n").n
        later = Message.objects.filter(case_id=case.id, n__gte=since, channel="board").values_list("to", flat=True)
        assert not units & set(later), case.walls
        assert all(not notices._may_hear(case, unit) for unit in units)
        for name in ("clerk", "handler", "gu.super"):
            if kept(staffed[name], case):
                page = text_of(desk_of(name).get("/board/?all=1"))
                assert case.code not in page.replace("-", "")


@pytest.mark.django_db
def test_no_step_hands_a_matter_to_whom_it_is_about(staffed: dict[str, User]) -> None:
    case = go(said(0, about=LIGHTING), "accept", actor(staffed["clerk"]))
    for unit in sorted(under(LIGHTING) & {o.id for o in routing.candidates(PLACE)}):
        done = act(case, "assign", by=actor(staffed["clerk"]), facts={"unit": unit})
        assert isinstance(done, Refused)
        assert done.rule == "walls"
    urban = go(said(1, about=URBAN), "accept", actor(staffed["clerk"]))
    done = act(urban, "assign", by=actor(staffed["clerk"]), facts={"unit": LIGHTING})
    assert isinstance(done, Refused)
    assert done.rule == "walls"


def pages(case: Case, photo: str) -> list[str]:
    """Every page that shows a list, a count, a paper or a picture."""
    code = case.code
    return [
        "/desk/", f"/desk/?q={WORD}", "/desk/?closed=1", "/desk/?flag=supervised", f"/desk/?place={TOWN}", "/tasks/", "/board/?all=1",
        "/supervise/", "/supervise/cases/", f"/supervise/cases/?at={STATION}", f"/supervise/cases/?lead={LIGHTING}", f"/desk/{code}/",
        f"/tasks/{code}/", f"/desk/{code}/order/3/", f"/desk/{code}/photos/{photo}/", f"/supervise/{code}/", f"/m/{code}/photo/{photo}",
        "/open311/v2/requests.json", f"/api/v1/cases?q={WORD}", "/api/v1/cases", f"/api/v1/cases/{code}",
    ]  # fmt: skip


def fetched(user: User, path: str) -> str:
    if path.startswith("/api/"):
        got = Client().get(path, headers={"Authorization": f"Bearer {issue(user)}"})
    else:
        got = desk_of(user.username).get(path)
    body = b"".join(got.streaming_content) if got.streaming else got.content
    return body.decode("utf-8", "replace").replace("-", "")


WATCHED = ("clerk", "worker", "handler", "gu.super", "light.head", "urban.head", "gx.clerk", "station.admin", "point.head")


@pytest.mark.django_db
def test_no_page_or_call_holds_a_word_of_it_for_whom_it_is_about(staffed: dict[str, User]) -> None:
    cases = kept_apart(staffed)
    photo = with_photo(cases[1])
    leaks = []
    for name in WATCHED:
        user = staffed[name]
        hidden = [case for case in cases if kept(user, case)]
        for path in pages(cases[1] if cases[1] in hidden else (hidden or cases)[0], photo):
            body = fetched(user, path)
            leaks += [(name, path, case.text[:4]) for case in hidden if case.code in body.replace(f"{path}", "") and case.code not in path]
            leaks += [(name, path, case.text[:4]) for case in hidden if case.text[:4] in body]
    assert leaks == []


def with_photo(case: Case) -> str:
    """A picture she adds to the matter about the lighting office."""
    from minan.kernel.pictures import clean

    picture = clean(encoded(scene(3, (80, 60))))
    assert act(Case.objects.get(id=case.id), "add", by=SPEAKER, facts={"words": f"{WORD}1补充", "photos": [picture]})
    return str(Attachment.objects.get(case_id=case.id).id)


@pytest.mark.django_db
def test_the_numbers_a_barred_unit_may_read_are_those_it_had_before(staffed: dict[str, User]) -> None:
    """Counts by state, kind, unit and week, and the leader's page: what was kept from them from the first moves none of them."""
    said(0)
    worker.settle()
    readers = [staffed[name] for name in ("clerk", "gu.super", "light.head", "urban.head", "station.admin")]

    def numbers() -> dict[str, Any]:
        out: dict[str, Any] = {}
        for user in readers:
            for by in ("state", "kind", "unit", "week"):
                try:
                    place = tallied.place_for(user, "")
                except Exception:  # no reader of counts
                    continue
                out[f"{user.username}:{by}"] = tallied.rows(place, by, "zh")
            for scope in scopes(user):
                seen = Overview(scope)
                out[f"{user.username}:{scope.office.id}"] = (seen.states, seen.all, seen.jam and seen.jam.units)
        return out

    before = numbers()
    assert len(before) > 8
    for about in (STATION, LIGHTING, URBAN):
        said(1, about=about)
    worker.settle()
    after = numbers()
    for key in before:
        if key.startswith(("clerk", "gu.super", "station", "light", "urban")) and ":131022" not in key:
            assert before[key] == after[key], key
    lighting = next(scope for scope in scopes(staffed["light.head"]))
    assert Overview(lighting).states == {}


@pytest.mark.django_db
def test_a_matter_kept_from_a_unit_is_never_merged_with_one_that_unit_has(staffed: dict[str, User]) -> None:
    open_, kept_from = said(0), said(1, about=LIGHTING)
    centre = actor(staffed["supervisor"])
    clerk = actor(staffed["clerk"])
    words = set()
    for case, into in ((open_, kept_from), (kept_from, open_)):
        done = act(case, "merge", by=clerk, facts={"into": into.code})
        assert isinstance(done, Refused)
        words.add(done.reason)
    gone = said(2)
    go(gone, "withdraw", SPEAKER)
    nowhere = act(open_, "merge", by=clerk, facts={"into": gone.code})
    assert isinstance(nowhere, Refused)
    assert words == {nowhere.reason}
    assert go(said(3, about=LIGHTING), "merge", clerk, into=kept_from.code).state == "joined"
    assert centre.user_id


@pytest.mark.django_db
@pytest.mark.parametrize("taken_out", ["rows", "keys", "shut", "clamp"])
def test_the_house_check_bites(staffed: dict[str, User], monkeypatch: Any, taken_out: str) -> None:
    from minan.kernel import tallies
    from minan.kernel.draft import Draft

    if taken_out == "rows":
        monkeypatch.setattr(access, "barred", lambda _unit, _walls: False)
        check: Any = test_no_notice_goes_to_a_barred_unit_after_the_wall_and_none_stays_on_its_board
    elif taken_out == "keys":
        monkeypatch.setattr(access, "keys_of", lambda _user: [])
        check = test_in_the_whole_house_whoever_is_kept_away_finds_no_word_of_it
    elif taken_out == "shut":
        whole = tallies._rows
        monkeypatch.setattr(tallies, "_rows", lambda county, side, week: whole(county, side | {"shut": False}, week))
        check = test_the_numbers_a_barred_unit_may_read_are_those_it_had_before
    else:
        monkeypatch.setattr(Draft, "_reroute", lambda self: None)
        check = test_in_the_whole_house_whoever_is_kept_away_finds_no_word_of_it
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(staffed)


@pytest.mark.django_db
def test_a_person_walled_by_name_alone_still_leaves_the_unit_its_inbox(staffed: dict[str, User]) -> None:
    case = go(said(0), "recuse", actor(staffed["clerk"]))
    assert Inbox.objects.filter(case_id=case.id, unit=STATION).exists()
    assert access.shut(case.as_view()) is False
    assert replace(actor(staffed["gu.clerk2"])).units == [STATION]
