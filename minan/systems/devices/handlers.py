"""What this system hears on the bus and of its own cases."""

from __future__ import annotations

from minan.kernel.bus import hears
from minan.kernel.bus.hearing import ANY
from minan.kernel.listen import Told, each_turn, on
from minan.kernel.models import Case
from minan.systems.devices import cameras, ears, probing, ringing, silence, telling
from minan.systems.devices.models import Device, Ring
from minan.systems.devices.words_of import fold

hears("alarm", first=True, fold=fold, many=True)(ringing.alarms)
hears("config", fold=True, many=True, retained=True)(ears.configs)
hears("state", fold=True, many=True)(ears.states)
hears(ANY, fold=True, many=True)(ears.values)
each_turn(silence.look)
each_turn(probing.fetch)
each_turn(probing.probe_some)


def over(events: list[Told]) -> None:
    """A case that ended: its alarm stands no more, its device may be missed again."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is None or case.open:
            continue
        if case.procedure == "alarm":
            Ring.objects.filter(case_id=case.id).delete()
            telling.ended(case)
        else:
            ended = Device.objects.filter(fault=case.code)
            if case.state == "retired":
                for device in ended:
                    cameras.retired(device)
            ended.update(fault="")


def wrong(events: list[Told]) -> None:
    """A fault that an alarm's case opened is its device's."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is not None and case.open and case.facts.get("why") == "wrong":
            Device.objects.filter(pk=case.facts["device"], fault="").update(fault=case.code)


for _step in ("settle", "false", "pass_on"):
    on(f"alarm.{_step}")(over)
for _step in ("mend", "back", "retire"):
    on(f"fault.{_step}")(over)
on("fault.begin")(wrong)
on("camera_look.want")(cameras.wanted)
on("camera_look.picture")(cameras.counted)
on(f"camera_look.{cameras.BREAK}")(cameras.counted)
on(f"camera_look.{cameras.REJECT}")(cameras.struck)
