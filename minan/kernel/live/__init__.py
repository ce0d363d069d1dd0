"""The live line to open pages: `tell` hands a short message to the live process, which sends it to whoever sits for these units.

    from minan.kernel import live
    live.tell(["131022100010-point"], "help", code=case.code)   # the page hears the DOM event "minan:help"

What is told may get lost (a process restarts, a line breaks): a page that listens reads its list anew after every (re)connect and
every half minute. So `tell` says that something changed; the record says what.
"""

from __future__ import annotations

from minan.kernel.live.screens import screen_check
from minan.kernel.live.telling import tell

__all__ = ["screen_check", "tell"]
