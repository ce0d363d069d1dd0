"""The mode 健康应急模式 and what is asked for while it is on 在家求助: two procedures, of which the second exists only under the first.

突发公共卫生事件应急条例 (2003, revised 2011) art. 11, 40; 传染病防治法 (2013; revised 2025) on emergency measures by local governments:
引用前请核对. DOMAIN.md §4 and Red lines: no codes, no colours, no scores, no movement, no contacts of contacts.
"""

from __future__ import annotations

from minan.systems.emergencies import helping, mode

PROCEDURE = mode.PROCEDURE
MORE = (helping.PROCEDURE,)
