"""A year of simulated disputes: `python -m bench.disputes --count 20000 --played 1000`, JSON out.

So many are played through the one door; the rest are copies of these with ids, codes, salts and chains of their own (disputes_stamp.py).
Every act is taken at its own moment by whoever may take it, clocks ring daily as the worker lets them; at the end each open
dispute has a running clock, an owner and a step somebody may take, and the pages over them are asked for CPU and queries.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN, DAYS, HOUR = datetime(2026, 1, 5, 1, 0, tzinfo=UTC), 364, timedelta(hours=1)
SORTS = ("neighbour", "family", "debt", "homestead", "labour", "property", "consumer", "injury", "other")
WEIGHTS = (30, 18, 16, 8, 7, 6, 5, 6, 4)
AGREED = {"facts": "事情双方都认", "duty": "各担一半", "terms": "赔三千元，两家和好", "manner": "转账"}
Life = Iterator[float]  # what each waits, in hours


class Committee:
    """A mediation committee with a head and two mediators of its own, made for the simulation."""

    def __init__(self, unit: str, place: str, n: int) -> None:
        from minan.kernel.models import Post, User

        self.unit, self.place = unit, place
        self.people = [User.objects.create(username=f"sim.{n}.{k}", name=f"调解{n}-{k}") for k in range(3)]
        for k, user in enumerate(self.people):
            Post.objects.create(user=user, unit_id=unit, role="mediator" if k else "supervisor")


class Year:
    """A queue of lives, each waiting for its own moment, and the days that pass."""

    def __init__(self, count: int, seed: int = 5, begin: datetime = BEGIN, days: int = DAYS, most: int = 0) -> None:
        from minan.kernel import directory

        self.chance, self.begin, self.days = random.Random(seed), begin, days
        self.queue: list[tuple[datetime, int, Life]] = []
        self.tick, self.done, self.refused = itertools.count(), Counter[str](), Counter[str]()
        units = sorted(o.id for o in directory.city().units.values() if o.word == "mediation")[: most or None]
        city = directory.city()
        self.committees = [Committee(unit, city.units[unit].place, n) for n, unit in enumerate(units)]
        directory.touch()
        for _ in range(count):
            self.wait(begin + timedelta(days=days * self.chance.random() * 0.98), self.life())

    def wait(self, at: datetime, life: Life) -> None:
        heapq.heappush(self.queue, (at, next(self.tick), life))

    def run(self) -> None:
        """Day by day: what people do, then what the worker does."""
        from django.db import transaction

        for day in range(1, self.days + 1):
            evening = self.begin + timedelta(days=day)
            with transaction.atomic():
                while self.queue and self.queue[0][0] < evening:
                    at, _, life = heapq.heappop(self.queue)
                    self.now = at
                    pause = next(life, None)
                    if pause is not None:
                        self.wait(at + pause * HOUR, life)
            self.evening(evening)

    def evening(self, now: datetime) -> None:
        """What the worker does about clocks and news; what it publishes and sends is measured elsewhere."""
        from django.db import transaction

        from minan.kernel import reminders, worker
        from minan.kernel.models import Clock, Message, Outbox

        if not Outbox.objects.exists() and not Clock.objects.filter(next_at__lte=now, paused_at=None, done_at=None).exists():
            return
        with transaction.atomic():
            while worker.ring(now) + reminders.fold(now) + worker.fan_out(500):
                pass
            Message.objects.filter(sent_at=None).delete()

    # ---- one step

    def go(self, case: Any, step: str, who: Any, **facts: Any) -> bool:
        from minan.kernel.access import Actor, actor
        from minan.kernel.act import Refused, act
        from minan.kernel.models import Case

        case = Case.objects.get(county=case.county, id=case.id)
        by = who if isinstance(who, Actor) else actor(who)
        done = act(case, step, by=by, facts=facts, at=max(self.now, case.changed_at))
        name = f"{case.procedure}.{step}"
        if isinstance(done, Refused):
            self.refused[f"{name}: {done.rule or done.status} in {case.state}"] += 1
            return False
        self.done[name] += 1
        return True

    def side(self, case: Any, ref: str, step: str, who: Any = None, **facts: Any) -> bool:
        from minan.kernel.access import SPEAKER
        from minan.kernel.models import Case

        sides = Case.objects.filter(county=case.county, parent=case.id, procedure="side")
        one = next(side for side in sides if side.facts["ref"] == ref)
        return self.go(one, step, who or SPEAKER, **facts)

    def state(self, case: Any) -> str:
        from minan.kernel.models import Case

        return str(Case.objects.values_list("state", flat=True).get(county=case.county, id=case.id))

    # ---- a life

    def life(self) -> Life:
        from minan.kernel.access import SPEAKER
        from minan.kernel.act import Refused, open_case

        chance, committee = self.chance, self.chance.choice(self.committees)
        head, mediator = committee.people[0], chance.choice(committee.people[1:])
        said = {"text": "两家为一件事争了半年", "place": committee.place, "sort": chance.choices(SORTS, WEIGHTS)[0],
                "name": "甲某", "other_name": "乙某", "other_phone": f"139{chance.randrange(10**8):08d}"}  # fmt: skip
        opened = open_case("dispute", by=SPEAKER, facts=said, at=self.now)
        if isinstance(opened, Refused):
            self.refused[f"open: {opened.reason.en}"] += 1
            return
        case = opened.case
        self.done["dispute.apply"] += 1
        yield chance.uniform(1, 60)
        if chance.random() < 0.05:
            self.go(case, "refuse", head, why="归仲裁管，请到县仲裁委")
            return
        self.go(case, "accept", head, summary="两家的事")
        yield chance.uniform(4, 150)
        if chance.random() < 0.12:
            if chance.random() < 0.7:
                self.side(case, "b", "stop")
            return  # or never answers
        self.side(case, "b", "agree")
        yield chance.uniform(1, 40)
        self.go(case, "appoint", head, mediator=str(mediator.pk))
        yield chance.uniform(1, 30)
        self.go(case, "take_on", mediator, no_tie=True)
        yield from self.talks(case, mediator, head)

    def talks(self, case: Any, mediator: Any, head: Any) -> Life:
        chance = self.chance
        for _ in range(chance.randrange(0, 3)):
            yield chance.uniform(10, 150)
            self.go(case, "record", mediator, words="各自说了一遍")
        fate = chance.random()
        if fate < 0.12:
            yield chance.uniform(20, 300)
            self.go(case, "end_without", mediator, words="数目谈不拢")
            return
        if fate < 0.16:
            yield chance.uniform(20, 300)
            self.side(case, chance.choice("ab"), "stop")
            return
        if fate < 0.20:
            return  # lies there: the clock speaks
        yield chance.uniform(5, 400)
        payer = chance.choice("ab")
        yield from (self.oral(case, mediator, payer) if chance.random() < 0.3 else self.written(case, mediator, head, payer))

    def plan(self, rows: int) -> str:
        days = (self.now + timedelta(days=d, hours=8) for d in (0, 25, 55)[:rows])
        return "\n".join(f"{day.date().isoformat()} 1500.00" for day in days)

    def oral(self, case: Any, mediator: Any, payer: str) -> Life:
        self.go(case, "propose", mediator, words="各让一步")
        for ref in "ab":
            yield self.chance.uniform(0.2, 20)
            self.side(case, ref, "accept", k=1)
        rows = self.chance.randrange(0, 2)
        plan = self.plan(rows)
        if self.go(case, "oral", mediator, terms="当面赔了礼", **({"plan": plan, "payer": payer} if plan else {})):
            yield from self.fulfil(case, mediator, payer, rows)

    def written(self, case: Any, mediator: Any, head: Any, payer: str) -> Life:
        rows = self.chance.randrange(0, 4)
        plan = self.plan(rows)
        self.go(case, "draft", mediator, **AGREED, **({"plan": plan, "payer": payer} if plan else {}))
        for ref in "ab":
            yield self.chance.uniform(0.2, 30)
            self.side(case, ref, "sign", mediator, k=1, hand="在调解室按了手印")
        if self.go(case, "countersign", mediator) and self.go(case, "seal", head):
            if self.chance.random() < 0.35:
                yield from self.court(case, mediator)
            yield from self.fulfil(case, mediator, payer, rows)

    def court(self, case: Any, mediator: Any) -> Life:
        for ref in "ab":
            yield self.chance.uniform(5, 100)
            self.side(case, ref, "want_court")
        self.go(case, "file_court", mediator)

    def fulfil(self, case: Any, mediator: Any, payer: str, rows: int) -> Life:
        other = "a" if payer == "b" else "b"
        for n in range(rows):
            yield self.chance.uniform(1, 700)
            if self.chance.random() < 0.08:
                yield self.chance.uniform(200, 900)
                if self.state(case) == "breached" and self.chance.random() < 0.5:
                    self.go(case, "end_elsewhere", mediator, words="拒不履行")
                return
            if self.chance.random() < 0.5:
                self.side(case, payer, "paid", row=n + 1)
                self.side(case, other, "received", row=n + 1)
            else:
                self.go(case, "receipt", mediator, row=n + 1, words="收条")
        if rows == 0 and self.chance.random() < 0.7:
            yield self.chance.uniform(24, 900)
            self.go(case, "fulfil", mediator)


# ---- what must hold, and what the pages cost


def faults(year: Year) -> dict[str, Any]:
    """Open disputes without a running clock, an owner or a lawful next step; closed ones with a clock; by state."""
    from minan.kernel import access, directory, possible, registry, sheet
    from minan.kernel.models import Case, Clock, User

    now, procedure = year.begin + timedelta(days=year.days), registry.procedures()["dispute"]
    runs = dict.fromkeys(Clock.objects.filter(done_at=None).values_list("case_id", flat=True))
    people = {user.pk: user for user in User.objects.filter(username__startswith="sim.")}
    heads = {c.unit: c.people[0] for c in year.committees}
    out: dict[str, Counter[str]] = {"clock": Counter(), "owner": Counter(), "step": Counter(), "closed": Counter()}
    states: Counter[str] = Counter()
    for case in Case.objects.filter(procedure="dispute").iterator(chunk_size=500):
        states[case.state] += 1
        if not case.open:
            out["closed"][case.state] += case.id in runs
            continue
        holder = procedure.state(case.state).holder
        out["clock"][case.state] += case.id not in runs
        out["owner"][case.state] += directory.office(case.desk if holder == "desk" else case.unit) is None
        named = people.get(int(case.facts.get("mediator") or 0))
        who = [access.actor(one) for one in (named, heads.get(case.desk)) if one]
        can = any(
            s.targets or s.name == "appoint" for one in who for s in possible.steps(sheet.of(case, one, now), one, now)
        ) or (case.state == "asking")  # by the side that was asked
        out["step"][case.state] += not can
    return {name: {k: n for k, n in found.items() if n} for name, found in out.items()} | {"states": dict(states)}


def pages(year: Year) -> dict[str, Any]:
    """CPU milliseconds (best of five) and queries of what stands over them, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import NoReverseMatch, reverse

    from minan.kernel.models import Case, User

    sizes = Counter(Case.objects.filter(procedure="dispute").values_list("desk", flat=True))
    busiest = max(year.committees, key=lambda c: sizes[c.unit])
    case = Case.objects.filter(procedure="dispute", state="mediating", parent=None).first()
    client, leader, out = Client(), Client(), {}
    client.force_login(busiest.people[0])
    leader.force_login(User.objects.get(username="city.super"))
    mediator = Client()
    if case:
        mediator.force_login(User.objects.get(pk=case.facts["mediator"]))
    asked = {"desk": reverse("kernel:desk"), "supervise": reverse("kernel:supervise")}
    asked |= {"room": f"/disputes/{case.code}/"} if case else {}
    for name in ("numbers", "numbers_csv"):
        try:
            asked[name] = asked[f"{name}_city"] = reverse(f"disputes:{name}") + f"?period={year.begin.year}"
        except NoReverseMatch:
            continue
    for name, path in asked.items():
        spent, who = [], leader if name.endswith("_city") else mediator if name == "room" else client
        for _ in range(6):
            begun = time.process_time()
            with CaptureQueriesContext(connection) as queries:
                answer = who.get(path)
                b"".join(answer) if answer.streaming else answer.content
            spent.append((time.process_time() - begun) * 1000)
        cost = {"first_ms": round(spent[0], 1), "cpu_ms": round(min(spent[1:]), 1), "queries": len(queries)}
        out[name] = {"status": answer.status_code, **cost}
    return out


def measure(count: int, played: int = 0, seed: int = 5) -> dict[str, Any]:
    """The whole: against the base Django is connected to. `played`: how many through the door; all where it is 0."""
    from bench import disputes_stamp
    from minan.kernel.models import Case, Event

    begun, cpu = time.monotonic(), time.process_time()
    year = Year(min(count, played or count), seed)
    year.run()
    copies = disputes_stamp.more(count)
    spent = {"seconds": round(time.monotonic() - begun, 1), "cpu_seconds": round(time.process_time() - cpu, 1)}
    return {
        "bench": "disputes", "played": played or count, "copies": copies,
        "count": Case.objects.filter(procedure="dispute").count(), "cases": Case.objects.count(),
        "events": Event.objects.count(), **spent, "faults": faults(year), "pages": pages(year),
        "refused": dict(year.refused.most_common(12)),
        "steps": sum(year.done.values()),
    }  # fmt: skip


def main() -> None:
    from bench import base

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--played", type=int, default=0, help="so many through the door, the rest copies of them; 0: all")
    parser.add_argument("--verify", action="store_true", help="run minan verify, where all are played")
    parser.add_argument("--db", default="sqlite")
    parser.add_argument("--keep", default="")
    args = parser.parse_args()
    with base.made(args.db, args.keep) as here:
        here.enter()
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection

        settings.MFA_REQUIRED_FOR_STAFF = False
        settings.ALLOWED_HOSTS = ["*"]
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous = OFF")
        told = measure(args.count, args.played)
        if args.verify and not args.played:
            from minan.kernel import worker

            worker.settle()
            connection.close()
            told["verify"] = here.minan("verify").strip().splitlines()[-1]
        print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
