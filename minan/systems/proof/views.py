"""The addresses that programs read: checkpoint, key, consistency, leaves, history; a witness's signature; a speaker's receipt."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import callers, merkle, speakers
from minan.kernel.procedure import Words
from minan.systems.proof import cosigning, keys, receipts, store
from minan.systems.proof.asked import MISSING, NO_LOG, TOO_MANY, Problem, answers, calmly, log, number, span, text, told
from minan.systems.proof.models import CITY, Checkpoint

LEAVES, HISTORY = 10_000, 100  # in one answer
COSIGNS = 60  # a minute and address
TOO_LARGE = Words("太大了", "Too large")


@require_safe
@answers
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest one; the city's with every witness's line, a county's of ?log= with the log's own."""
    calmly(request, "read")
    if (row := log(request)).name != CITY:
        return text(row.note)
    standing = receipts.last()
    if standing is None:
        raise Problem(404, NO_LOG)
    return text(standing.text)


@require_safe
@answers
def key(request: HttpRequest) -> HttpResponse:
    """The verifier key of all this city's logs and promises."""
    return text(f"{keys.signer().key.text()}\n")


@require_safe
@answers
def consistency(request: HttpRequest) -> HttpResponse:
    """Proof that the tree of ?to= leaves begins with that of ?from= (RFC 6962 §2.1.2)."""
    calmly(request, "read")
    row = log(request)
    begin, end = span(request, row.published)
    proof = store.proved(row.name, lambda node: merkle.consistency(begin, end, node))
    return told({"proof": [one.hex() for one in proof]})


@require_safe
@answers
def leaves(request: HttpRequest) -> HttpResponse:
    """The leaf hashes [from, to) end to end, 32 bytes each, at most LEAVES of them."""
    calmly(request, "leaves")
    row = log(request)
    begin, end = span(request, row.published)
    return HttpResponse(store.leaves(row.name, begin, min(end, begin + LEAVES)), "application/octet-stream")


@require_safe
@answers
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The city's checkpoints with more than ?since= leaves, oldest first; `next` goes on where there are more."""
    calmly(request, "read")
    since = number(request, "since") if "since" in request.GET else 0
    rows = list(
        Checkpoint.objects.filter(log=CITY, size__gt=since).order_by("size").prefetch_related("cosignatures")[:HISTORY]
    )
    items = [receipts.history(row) for row in rows]
    return told({"items": items, "next": rows[-1].size if len(rows) == HISTORY else None})


@csrf_exempt
@require_POST
@answers
def cosign(request: HttpRequest) -> HttpResponse:
    """A checkpoint of ours with a witness's line under it, as text."""
    calmly(request, "cosign", COSIGNS)
    if int(request.META.get("CONTENT_LENGTH") or 0) > cosigning.MOST_BYTES:
        raise Problem(413, TOO_LARGE)
    return told({"taken": cosigning.take(request.read(cosigning.MOST_BYTES), datetime.now(UTC))})


@csrf_exempt
@require_POST
@answers
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The speaker's whole receipt, for `Authorization: Receipt <secret>`; a wrong code and a wrong secret are alike."""
    subject = callers.subject(request)
    if not callers.may_guess(subject):
        raise Problem(429, TOO_MANY)
    case = speakers.enter(code, callers.bearer(request, "receipt"))
    if case is None:
        callers.missed(subject)
        raise Problem(404, MISSING)
    return told(receipts.of(case))
