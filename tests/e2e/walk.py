"""Which pages there are: every link a person can reach is followed, and of pages that differ only in their data one is kept."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urljoin, urlsplit

from playwright.sync_api import Page

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{15}\b")
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
# Not pages: what is fetched, or saved as a file.
LEFT_OUT = re.compile(
    r"^/(static|demo|components|logout|media)/|^/proof/.|/photos?/|/promise/|/rights/file|/pdf/$|/rulebook/out/|format=csv|\.geojson"
)
TELLING = ("step", "by", "all", "closed", "flag")  # words of a query that make another page of the same address
STARTS = (
    "/",
    "/desk/",
    "/tasks/",
    "/desk/new/",
    "/board/?all=1",
    "/supervise/",
    "/admin/",
    "/mine/",
    "/m/",
    "/say/",
    "/about/",
    "/login/",
)
MOST_READ = 260


def kind_of(address: str) -> str:
    """What a page is, whatever it is about: "/desk/CODE/?step=answer"."""
    parts = urlsplit(address)
    if re.fullmatch(r"/m/[0-9A-Z]{15}/", parts.path):
        return parts.path  # what its speaker reads differs by where it stands, and the address does not say
    path = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/ID", CODE.sub("CODE", parts.path))
    path = re.sub(r"^(/admin/[a-z]+/)(?!new/)[^/]+/", r"\1ROW/", re.sub(r"/\d+/", "/N/", path))
    query = parse_qs(parts.query)
    told = [f"{name}={query[name][0]}" for name in TELLING if name in query and not (name != "step" and "CODE" in path)]
    if "CODE" in path and not told and "state" in query:
        told = [f"state={query['state'][0]}"]
    return path + ("?" + "&".join(told) if told else "")


def pages_of(page: Page) -> dict[str, str]:
    """Kind → one address, for all pages this person's browser can reach by links."""
    found: dict[str, str] = {}
    queue, seen, read = list(STARTS), set(STARTS), 0
    while queue and read < MOST_READ:
        address, read = queue.pop(0), read + 1
        answer = page.request.get(address)
        kind = kind_of(_local(answer.url))
        if "text/html" not in answer.headers.get("content-type", ""):
            continue  # a paper or a table to take along is no page
        if answer.status == 200:
            found.setdefault(kind, address)
        for link in LINK.findall(answer.text()):
            target = urljoin(answer.url, html.unescape(link))
            if urlsplit(target).netloc != urlsplit(answer.url).netloc or LEFT_OUT.search(_local(target)):
                continue
            target = _local(target)
            # A list under another filter is read for its cases, though it is the same kind of page.
            listed = "CODE" not in kind_of(target) and ("state=" in target or "procedure=" in target)
            new = target if listed else kind_of(target)
            if new not in seen:
                seen.add(new)
                queue.append(target)
    return found


def _local(address: str) -> str:
    """Path and query alone."""
    return urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()
