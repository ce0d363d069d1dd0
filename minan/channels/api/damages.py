"""POST /damages: one accident in, who owes what out. Nothing is asked of the database for it and nothing is kept but the reply."""

from __future__ import annotations

import json
from decimal import Decimal

from django.http import HttpRequest

from minan.channels.api import asked, problems
from minan.channels.api.problems import Problem
from minan.kernel import callers
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer, Turn
from minan.lib import damages

MOST = 256 * 1024  # bytes of a case
TOO_LARGE = Words("一起事故最多 256 KB", "A case has at most 256 KB")
NOT_TAKEN = Words(
    "这起事故有几处要改，都列在 errors 里", "The case cannot be worked out as it is; errors names each place"
)
ITSELF = "case"  # the path of the whole


def work(request: HttpRequest, user: User, body: asked.Body, turn: Turn) -> Answer:
    """The damages of the case in the body, in the caller's language."""
    if len(body.raw) > MOST:
        raise Problem(413, TOO_LARGE)
    try:
        case = json.loads(body.raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Problem(400, problems.NOT_JSON) from None
    if body.files or not isinstance(case, dict):
        raise Problem(400, problems.NOT_JSON)
    try:
        return asked.told(damages.calculate(case, "en" if callers.lang().startswith("en") else "zh"))
    except damages.Refused as refused:
        errors = {path or ITSELF: Words(said.zh, said.en) for path, said in refused.problems}
        raise Problem(422, NOT_TAKEN, errors=errors) from None
