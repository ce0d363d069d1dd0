"""A city's log as it is read from outside: plain GETs of /proof/…, and one POST outward with the witness's own signature.

What comes back is not believed: it is bounded in length here, and judged in watch.py.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import IO

from minan.kernel import merkle, notes

PAGE = 32_768  # leaves asked for at a time: 1 MiB
WAIT = 30.0  # seconds
TRIES = 4  # for a page of leaves: a first look at a large log takes minutes, and one lost page must not undo it
PATIENCE = 90.0  # seconds at most between two tries, whatever the log asks for
AGENT = "minan-witness/1"


class Away(Exception):
    """The log does not answer, or not in its form: to be tried again, nobody is accused; `after` so many seconds."""

    def __init__(self, what: str, after: float = 2.0, code: int = 0) -> None:
        super().__init__(what)
        self.after, self.code = after, code


class _Stay(urllib.request.HTTPRedirectHandler):
    """A log answers itself: it does not send a witness elsewhere, least of all into the witness's own network."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class Log:
    """Reads one city's log, never anything else."""

    def __init__(self, url: str, page: int = PAGE, pause: Callable[[float], object] = time.sleep) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"not the address of a city: {url}")
        self.url, self.page = url.rstrip("/"), page
        self.given = ""  # the note that was handed over last
        self._pause = pause
        self._opener = urllib.request.build_opener(_Stay)

    def _ask(self, path: str, most: int, data: bytes | None = None) -> tuple[bytes, str]:
        """The answer's bytes (at most `most`) and its Date; raises Away."""
        headers = {"User-Agent": AGENT} | ({"Content-Type": "text/plain; charset=utf-8"} if data is not None else {})
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310 the scheme was checked above
        try:
            with self._opener.open(request, timeout=WAIT) as answer:
                body = answer.read(most + 1)
                if len(body) > most:
                    raise Away(f"{path}: the answer is longer than it may be")
                return body, answer.headers.get("Date", "")
        except urllib.error.HTTPError as error:
            asked = error.headers.get("Retry-After", "")
            after = float(asked) if asked.isascii() and asked.isdigit() else 2.0
            raise Away(f"{path}: {error.code} {error.reason}", min(after, PATIENCE), error.code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise Away(f"{path}: {error}") from error

    def key(self) -> notes.Key:
        """The log's verifier key as it says itself; raises Away where it names none."""
        text, _ = self._ask("/proof/key", 4096)
        for line in text.decode("utf-8", "replace").splitlines():
            try:
                return notes.Key.parse(line)
            except notes.Wrong:
                continue
        raise Away("/proof/key: no key")

    def checkpoint(self) -> tuple[bytes, datetime | None]:
        """The newest checkpoint as bytes, and the server's time."""
        note, date = self._ask("/proof/checkpoint", notes.LONGEST)
        try:
            return note, parsedate_to_datetime(date)
        except ValueError:
            return note, None

    def leaves(self, begin: int, end: int) -> Iterator[bytes]:
        """The leaf hashes [begin, end), in pieces of whole hashes laid end to end; raises Away where they stop early."""
        while begin < end:
            upto = min(end, begin + self.page)
            piece = self._page(f"/proof/leaves?from={begin}&to={upto}", (upto - begin) * merkle.HASH)
            if not piece or len(piece) % merkle.HASH:
                raise Away(f"/proof/leaves: {len(piece)} bytes from {begin}")
            yield piece
            begin += len(piece) // merkle.HASH

    def _page(self, path: str, most: int) -> bytes:
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._ask(path, most)[0]
            except Away as away:
                if not left:
                    raise
                self._pause(away.after)
        raise AssertionError

    def give(self, note: str) -> None:
        """Hand the witness's signature to the city: the checkpoint with this one line more. Raises Away."""
        try:
            self._ask("/proof/cosign", 4096, note.encode())
        except Away as away:
            if away.code == 403:
                raise Away(
                    "the city does not take this witness's word yet: hand it the witness key", code=403
                ) from away
            raise
        self.given = note
