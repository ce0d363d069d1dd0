"""Damages after a road accident: what each victim lost, who pays it, and what moves. Pure: no database, no clock, no network.

    calculate(case, "zh") → the object of the damages contract (docs/damages.md); raises Refused with every fault by its path
    what_if(case, change) → line by line, what a change of the case changes
    estimate(case, unknowns) → every line as a range over what is not yet known

人身损害赔偿：法释〔2022〕14号（及其前身法释〔2020〕17号、法释〔2003〕20号）；道路交通事故：法释〔2020〕18号；民法典第1179–1184、1208–1217条；
道路交通安全法第76条；机动车交通事故责任强制保险条例. docs/damages.md tells where practice differs and what the switches do.
"""

from minan.lib.damages.asking import calculate, result_of
from minan.lib.damages.estimate import Unknown, between, estimate
from minan.lib.damages.reader import Problem, Refused
from minan.lib.damages.whatif import changed, what_if

__all__ = ["Problem", "Refused", "Unknown", "between", "calculate", "changed", "estimate", "result_of", "what_if"]
