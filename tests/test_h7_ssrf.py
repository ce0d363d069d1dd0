"""H7 and H9: nobody makes this house call an address, write a header, forge a line of its log or hand out a link to elsewhere."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import json
import logging
import pathlib
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import directory
from minan.kernel.models import Kind
from minan.lib import jsonlog
from tests import house as houses
from tests import knocking
from tests.house import House
from tests.pages import PAGES

ROOT = pathlib.Path(__file__).resolve().parent.parent / "minan"
URLS = (
    "http://127.0.0.1:9/zq7x", "http://[::1]:9/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://0177.0.0.1/",
    "http://0x7f.1/", "http://localhost:22/", "//127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/",
    "ftp://127.0.0.1/", "ldap://127.0.0.1/", "http://evil.example/302?to=http://127.0.0.1/", "http://7f000001.rebind.example/", "127.0.0.1",
    "data:text/html,<script>x</script>", "http://user@127.0.0.1:80#@example.org/", "http://①②⑦.⓪.⓪.①/", "jar:http://127.0.0.1!/x",
    "\\\\127.0.0.1\\share\\x", "http://127.0.0.1:9/x.jpg\x00.png", "unix:/run/x.sock", "<svg><image href='http://127.0.0.1:9/'/></svg>",
    '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><a>&x;</a>',
)  # fmt: skip
BREAKS = (
    "x\r\nSet-Cookie: pwn=1\r\nX-Pwn: 1\r\n\r\n<b>", "x\nX-Pwn: 1", "x\rX-Pwn: 1", "x%0d%0aX-Pwn: 1", "x\u2028X-Pwn: 1", "x嘊嘍X-Pwn: 1",
    '"; filename="x.exe', "x\x0b\x0cX-Pwn: 1", "x\x85X-Pwn: 1", "../../x\r\n.csv", "x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
)  # fmt: skip


@pytest.fixture
def house(people: dict[str, Any]) -> House:
    return houses.build(people)


def wrong_headers(got: Any) -> list[str]:
    """Headers and cookies that somebody else wrote."""
    lines = [f"{name}: {value}" for name, value in got.headers.items()] + [
        one.OutputString() for one in got.cookies.values()
    ]
    return [
        line
        for line in lines
        if re.search(r"[\r\n]", line) or line.lower().startswith("x-pwn") or line.startswith("pwn=")
    ]


def knocked(house: House, only: str = "") -> list[str]:
    """Each parameter of each door with an address and with a broken line."""
    out, urls, breaks = [], itertools.cycle(URLS), itertools.cycle(BREAKS)
    with knocking.watching() as seen:
        for n, (what, knock) in enumerate(door for door in knocking.knocks(house, only) if only in door[0]):
            for value in (next(urls), next(breaks)) if only else (next(urls if n % 2 else breaks),):
                seen.calls.clear()
                got = knock(value)
                if got.status_code >= 500 and got.status_code != 503:
                    out.append(f"{what}: {got.status_code} for {value!r}")
                out += [f"{what}: {call}" for call in seen.calls] + [f"{what}: {line!r}" for line in wrong_headers(got)]
                if re.match(r"(?i)(https?:)?[/\\]{2}(?!testserver)|javascript:|data:", got.headers.get("Location", "")):
                    out.append(f"{what}: sends to {got.headers['Location']}")
    return out


@pytest.mark.bar("H7")
@pytest.mark.bar("H9")
@pytest.mark.django_db
def test_no_parameter_makes_the_house_call_out_write_a_header_or_send_somebody_away(house: House) -> None:
    wrong = knocked(house)
    assert wrong == [], "\n".join(wrong[:20])


# ---- H7


@pytest.mark.bar("H7")
@pytest.mark.django_db
def test_a_page_that_fetched_what_was_typed_would_be_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib.request

    from minan.kernel import inbox

    real = inbox.listed

    def careless(user: Any, ask: Any, now: Any) -> Any:
        with contextlib.suppress(OSError, ValueError):
            urllib.request.urlopen(ask.q, timeout=1)
        return real(user, ask, now)

    monkeypatch.setattr(inbox, "listed", careless)
    monkeypatch.setattr("itertools.cycle", lambda values: iter(["http://127.0.0.1:9/x"] * 99))
    assert knocked(house, "get desk/ q")


# Module → why it may open a connection, and that no address comes from a request.
CALLING = {
    "kernel/serving.py": "asks itself at the start whether it answers, at its own port",
    "kernel/keeper/client.py": "a Unix socket in KEYS",
    "kernel/keeper/process.py": "a Unix socket in KEYS",
    "kernel/keeper/caller.py": "a Unix socket in KEYS",
    "kernel/seals.py": "none itself: runs pyHanko's loop; a time stamp is asked for by outward.py, at the one address of the settings",
    "kernel/outward.py": "providers of notices: hosts of the settings; of a browser's push subscription only the listed services",
    "kernel/posting.py": "letters, over the operator's own mail server",
    "kernel/witness/log.py": "`minan witness`, on the witness's own machine: the address is its operator's argument; no redirects",
    "channels/exchange/calling.py": "answers to other systems, by the worker: https, the one address of partners.toml; no redirects",
    "channels/exchange/played.py": "`minan exchange simulate`: loopback alone, checked before",
    "channels/exchange/mailbox.py": "other systems' mailboxes, by the worker: the one host of the city's partners.toml",
    "kernel/live/telling.py": "a Unix socket in DATA",
    "kernel/live/hub.py": "none: reads the Unix socket in DATA",
    "kernel/live/process.py": "none: listens, on the loopback or where the operator says",
    "kernel/live/stream.py": "none: answers who came",
    "systems/help/wire.py": "a Unix socket in DATA",
    "channels/mqtt/broker/process.py": "none: runs the loop of the city's own broker, which listens on the loopback",
    "channels/mqtt/broker/serving.py": "none: listens on the loopback",
    "channels/mqtt/broker/doorman.py": "none: reads what came to the broker",
    "systems/devices/playing.py": "simulated devices, by a command and the demo: the one broker of MINAN_BUS",
    "systems/devices/process.py": "none itself: runs playing.py in the demo",
    "systems/devices/commands/simulate_community.py": "none itself: runs playing.py",
    "systems/devices/probing.py": "cameras, by the worker: IP literals in the networks of MINAN_CAMERAS, camera ports; no redirects",
}
# Only the worker and the commands call these.
OUTWARD = {"channels/exchange/calling.py", "channels/exchange/mailbox.py", "channels/exchange/played.py", "systems/devices/probing.py",
           "systems/devices/playing.py", "systems/devices/process.py", "systems/devices/commands/simulate_community.py"} | {
    f"channels/mqtt/broker/{name}.py" for name in ("process", "serving", "doorman")
}
NETWORK = {"socket", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib",
           "xmlrpc.client", "websockets", "paramiko", "django.core.mail", "asyncio", "ssl", "urllib3"}  # fmt: skip
PARSING = {
    "xml.etree.ElementTree",
    "xml.dom.minidom",
    "xml.sax",
    "lxml",
    "lxml.etree",
    "pickle",
    "marshal",
    "shelve",
    "yaml",
    "xml.etree",
}


def imported(path: pathlib.Path) -> set[str]:
    out: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            out |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            out |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return out


def sources() -> dict[str, pathlib.Path]:
    found = {str(path.relative_to(ROOT)): path for path in ROOT.rglob("*.py")}
    return {name: path for name, path in found.items() if "tests/" not in name}


def _module(name: str) -> str:
    return f"minan.{name.removesuffix('.py').replace('/', '.')}"


@pytest.mark.bar("H7")
def test_only_the_modules_that_say_why_can_open_a_connection_at_all() -> None:
    can = {name for name, path in sources().items() if imported(path) & NETWORK}
    assert can - set(CALLING) == set()
    shown = {name for name in can if name.startswith(("channels/", "kernel/pages/", "shell/", "systems/"))} - {"systems/help/wire.py"}
    assert shown - OUTWARD == set(), "no page and no channel"
    asking = {name for name, path in sources().items() if imported(path) & {_module(one) for one in OUTWARD}}
    assert {name for name in asking if "views" in name or "pages" in name or "programs" in name} == set()


@pytest.mark.bar("H7")
@pytest.mark.bar("H8")
def test_nothing_reads_xml_or_unpacks_objects_from_anybody() -> None:
    reading = {name for name, path in sources().items() if imported(path) & PARSING}
    assert reading == {"channels/open311/forms.py"}, "it writes XML"
    assert not re.search(
        r"fromstring|\bparse\(|iterparse|XMLParser|\.XML\(", (ROOT / "channels/open311/forms.py").read_text("utf-8")
    )


@pytest.mark.bar("H7")
def test_the_map_s_tiles_are_fetched_by_browsers_from_one_host_of_the_operator_s_setting() -> None:
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    own_port = settings.LIVE_PORT and not settings.LIVE_URL
    live = [f"http://{host}:{settings.LIVE_PORT}" for host in ("localhost", "127.0.0.1")] if own_port else []
    assert set(policy["connect-src"]) - set(live) == {"'self'"}, "this city, and its own live line on another port"
    assert [source for source in policy["img-src"] if "://" in str(source)] == [], "none is set"
    assert not any(
        "TILES" in path.read_text("utf-8")
        for name, path in sources().items()
        if name.startswith(("kernel/", "systems/"))
    )


# ---- H9: links


HOSTS = ("evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example", "evil.example/testserver",
         "testserver\tevil.example",
         "127.0.0.1.evil.example", "[::1].evil.example")  # fmt: skip


@pytest.mark.bar("H9")
@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
def test_a_request_under_another_name_is_no_request_of_ours(host: str, people: dict[str, Any]) -> None:
    assert "*" not in settings.ALLOWED_HOSTS
    for path in ("/", "/say/", "/login/", "/open311/v2/services.json"):
        got = Client().get(path, HTTP_HOST=host)
        assert got.status_code == 400 or "evil.example" not in got.content.decode() + str(got.headers), path
    assert Client().post("/say/", {"text": "x"}, HTTP_HOST=host).status_code == 400


def poisoned(house: House) -> list[str]:
    """Pages, receipts and texts that name a host somebody claimed in a header."""
    claims = {
        f"HTTP_{name}": "evil.example"
        for name in ("X_FORWARDED_HOST", "X_HOST", "X_FORWARDED_SERVER", "X_ORIGINAL_HOST", "X_HTTP_HOST_OVERRIDE")
    }
    claims |= {"HTTP_FORWARDED": "host=evil.example", "HTTP_X_FORWARDED_PROTO": "evil"}
    out = []
    for route, row in PAGES.items():
        who = next((name for name in (*knocking.KEYS, "loopback") if name in row.who), "nobody")
        if row.get:
            got = house.ask(who, house.path(row.path), **claims)
            if b"evil.example" in got.body or "evil.example" in got.to:
                out.append(route)
    wang = Client(**claims)
    case, _ = phone.said(wang, text="铃不响")
    out += [
        path for path in (f"/m/{case.code}/receipt/", f"/m/{case.code}/") if b"evil.example" in wang.get(path).content
    ]
    clerk = house.clients["clerk"]
    shown = clerk.post(
        "/desk/new/",
        {"key": "00000000-0000-4000-8000-000000000001", "text": "x 灯", "place": houses.VILLAGE, "kind": "lamp.out"},
        **claims,
    )
    return out + (["desk/new/"] if b"evil.example" in shown.content else [])


@pytest.mark.bar("H9")
@pytest.mark.django_db
def test_no_link_on_a_receipt_or_page_leads_where_a_header_says(house: House) -> None:
    assert poisoned(house) == []


@pytest.mark.bar("H9")
@pytest.mark.django_db
def test_were_the_claimed_host_believed_the_receipt_would_be_named(house: House, settings: Any) -> None:
    settings.USE_X_FORWARDED_HOST = True
    settings.ALLOWED_HOSTS = ["*"]
    assert poisoned(house)


# ---- H9: headers, names of files, the log


@pytest.mark.bar("H9")
@pytest.mark.django_db
def test_a_name_with_a_broken_line_stays_in_the_body_of_every_page_and_file(
    house: House, people: dict[str, Any]
) -> None:
    people["clerk"].name = "陈静\r\nX-Pwn: 1"
    people["clerk"].save(update_fields=["name"])
    for kind, text in zip(Kind.objects.all(), BREAKS, strict=False):
        Kind.objects.filter(pk=kind.pk).update(name=text[:40])
    directory.touch()
    wang = Client()
    case, _ = phone.said(wang, text="门口\r\nX-Pwn: 1", name="王\r\n兰", place_words="东门\r\nX-Pwn: 1")
    asked = [
        wang.get(f"/m/{case.code}/receipt/"), wang.get(f"/m/{case.code}/"), house.clients["clerk"].get("/desk/"),
        house.clients["clerk"].get(f"/desk/{case.code}/"), house.clients["clerk"].post("/house/export/", {}),
        house.clients["admin"].get("/admin/kinds/?format=csv&all=1"), wang.get(f"/m/{case.code}/promise/1/"),
        house.clients["clerk"].get("/admin/" + "x\r\ny/"),
    ]  # fmt: skip
    assert [line for got in asked for line in wrong_headers(got)] == []


def lines_of(log: Any) -> list[str]:
    """What stands in the log after one record with broken lines everywhere."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(log)
    logger = logging.Logger("minan.test")
    logger.addHandler(handler)
    forged = 'x\r\n{"at": "2026-11-23", "level": "info", "message": "all is well"}\u2028\x85\x0b\x1b[2J'
    logger.warning("not found: %s", forged, extra={"route": forged, "channel": forged})
    try:
        raise ValueError(forged)
    except ValueError:
        logger.exception("broken %s", forged)
    return [line for line in re.split(r"[\r\n\u2028\u2029\x85\x0b\x0c]", out.getvalue()) if line]


@pytest.mark.bar("H9")
def test_one_record_is_one_line_of_the_log_whatever_was_typed() -> None:
    lines = lines_of(jsonlog.Line())
    assert len(lines) == 2
    assert [json.loads(line)["level"] for line in lines] == ["warning", "error"]
    assert not any("\x1b" in line for line in lines), "and no terminal is told anything"
    assert len(lines_of(logging.Formatter("%(message)s"))) > 4, "an ordinary log would have been forged"


@pytest.mark.bar("H9")
@pytest.mark.django_db
def test_answers_to_questions_called_like_a_method_break_no_page(house: House) -> None:
    for name in ("q_items", "q_keys", "items", "keys", "lists"):
        assert (
            Client(raise_request_exception=False)
            .post("/say/steps/2/", {name: "x", "text": "灯", "from": "1"})
            .status_code
            < 500
        ), name
        assert house.clients["clerk"].get("/desk/", {name: "x"}).status_code == 200, name
