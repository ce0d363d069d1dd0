"""Finds every system's procedure, and keeps a snapshot of every version ever used so that old cases can still be read."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from minan.kernel.procedure import Procedure, plain

SYSTEMS = Path(__file__).resolve().parent.parent / "systems"


@cache
def procedures() -> dict[str, Procedure]:
    """Procedure by name, of every folder under systems/ that declares one (PROCEDURE; what is opened under it, MORE)."""
    found: dict[str, Procedure] = {}
    for path in sorted(SYSTEMS.glob("*/procedure.py")):
        module = import_module(f"minan.systems.{path.parent.name}.procedure")
        for declared in (module.PROCEDURE, *getattr(module, "MORE", ())):
            procedure: Procedure = replace(declared, system=path.parent.name)
            if procedure.name in found:
                raise ValueError(
                    f"two systems declare the procedure {procedure.name}: {found[procedure.name].system}, {procedure.system}"
                )
            found[procedure.name] = procedure
    for path in sorted(SYSTEMS.glob("*/handlers.py")):  # a system without a procedure may listen too
        import_module(f"minan.systems.{path.parent.name}.handlers")
    for path in sorted(SYSTEMS.parent.glob("channels/*/handlers.py")):  # what a channel does by itself
        import_module(f"minan.channels.{path.parent.name}.handlers")
    return found


def get(name: str) -> Procedure | None:
    """The procedure, or None where its folder was removed: such cases are read-only."""
    return procedures().get(name)


def label(procedure: str, version: int, part: str, name: str) -> dict[str, str]:
    """{"zh","en"} of a state, step or clock; from the snapshot where the declaration is gone; the bare name at worst."""
    declared = get(procedure)
    if declared is not None:
        rows: Any = {
            "states": declared.states,
            "steps": (declared.opening, *declared.steps),
            "clocks": declared.clocks,
        }[part]
        for row in rows:
            if row.name == name:
                return {"zh": row.label.zh, "en": row.label.en}
    for old in _snapshots(procedure):
        rows = [old["opening"], *old["steps"]] if part == "steps" else old[part]
        for row in rows:
            if row["name"] == name:
                return dict(row["label"])
    return {"zh": name, "en": name}


def counted(procedure: str) -> bool:
    """Whether the cases of a procedure count as what people said; also where its folder is gone."""
    declared = get(procedure)
    if declared is not None:
        return declared.counted
    return all(bool(old.get("counted", True)) for old in _snapshots(procedure)[:1])


def was_public(procedure: str, step: str) -> bool:
    """Whether the speaker may see that a step was taken, by the last snapshot that knows it; False where none does."""
    for old in _snapshots(procedure):
        for row in (old["opening"], *old["steps"]):
            if row["name"] == step:
                return bool(row["public"])
    return False


@cache
def _snapshots(procedure: str) -> tuple[dict[str, Any], ...]:
    from minan.kernel.models import Snapshot  # the registry is read before the models are

    return tuple(Snapshot.objects.filter(procedure=procedure).order_by("-version").values_list("declared", flat=True))


def settle() -> list[str]:
    """At start-up: snapshot today's versions; name every open case in a state its procedure lacks and does not move."""
    from minan.kernel.models import Case, Snapshot  # as above

    problems = []
    for procedure in procedures().values():
        known = {s.name for s in procedure.states} | set(procedure.moved)
        lost = Case.objects.filter(procedure=procedure.name, closed_at=None).exclude(state__in=known)
        states = list(lost.values_list("state", flat=True).distinct())
        problems += [
            f"{procedure.name}: open cases are in state {state}, which version {procedure.version} lacks; declare moved"
            for state in states
        ]
        if not states:
            Snapshot.objects.get_or_create(
                procedure=procedure.name, version=procedure.version, defaults={"declared": plain(procedure)}
            )
    _snapshots.cache_clear()
    return problems
