"""Whether a camera answers, and the one picture somebody may see. The worker alone calls out, and only to addresses of MINAN_CAMERAS.

An address is an IP literal (no name is looked up, so none can be turned elsewhere) in a network the operator listed, on a port a camera
has; no redirect is followed; at most PICTURE_MOST bytes are read. RTSP is asked OPTIONS and nothing else: no stream is ever opened.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import time
from contextlib import closing
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from minan.kernel import pictures
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.models import Case
from minan.systems.devices import silence
from minan.systems.devices.models import Camera, Device, Wanted

PORTS = frozenset({80, 443, 554, 8000, 8080, 8554})
SECONDS = 3.0
PICTURE_MOST = 4 * 1024 * 1024  # bytes
PROBE_MINUTES, PROBES = 5, 4  # how often each, and how many a turn
TURN_SECONDS = 2.0
TEST = "test:"  # the demo's and the simulator's camera: a drawn picture
OK, CLOSED, REFUSED, LATE, FORBIDDEN = "ok", "closed", "refused", "late", "forbidden"
_turned = [0.0]


class Forbidden(ValueError):
    """Not an address that may be called."""


def target(address: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path) of an allowed address. Raises Forbidden."""
    try:
        url = urlsplit(address)
        port = url.port or {"rtsp": 554, "http": 80}.get(url.scheme, 0)
        host = ipaddress.ip_address(url.hostname or "")
        networks = [ipaddress.ip_network(one) for one in settings.CAMERAS]
    except ValueError as error:
        raise Forbidden(address) from error
    fits = url.scheme in ("rtsp", "http") and port in PORTS and not url.username and not any(c in address for c in "\r\n\t ")
    if not fits or not any(host in network for network in networks):
        raise Forbidden(address)
    return url.scheme, str(host), port, (url.path or "/") + (f"?{url.query}" if url.query else "")


def answers(address: str) -> str:
    """ok, closed, refused (it speaks, but not this), late, forbidden."""
    if address.startswith(TEST) and settings.DEMO:
        return OK
    try:
        scheme, host, port, path = target(address)
        with closing(socket.create_connection((host, port), SECONDS)) as line:
            ask = (
                f"OPTIONS {address} RTSP/1.0\r\nCSeq: 1\r\n\r\n" if scheme == "rtsp" else f"HEAD {path} HTTP/1.0\r\nHost: {host}\r\n\r\n"
            )
            line.sendall(ask.encode("ascii", "replace"))
            said = line.recv(64)
    except Forbidden:
        return FORBIDDEN
    except TimeoutError:
        return LATE
    except OSError:
        return CLOSED
    return OK if said.startswith((b"RTSP/1.0 200", b"HTTP/1.0 200", b"HTTP/1.1 200", b"HTTP/1.0 405", b"HTTP/1.1 405")) else REFUSED


def picture(camera: Camera, now: datetime) -> bytes:
    """One still picture as the camera gives it. Raises Forbidden, OSError."""
    if camera.address.startswith(TEST) and settings.DEMO:
        return drawn(camera.device_id, now)
    scheme, host, port, path = target(camera.address)
    if scheme != "http":
        raise Forbidden(camera.address)  # a stream is no picture
    line = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        line.request("GET", path)
        got = line.getresponse()
        data = got.read(PICTURE_MOST + 1)
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        line.close()
    if got.status != 200 or len(data) > PICTURE_MOST:
        raise OSError(f"{got.status}")
    return data


def drawn(name: str, now: datetime) -> bytes:
    """A test picture: an empty street of rectangles, the camera's name and the time."""
    from PIL import Image, ImageDraw  # only where a picture is drawn: Pillow costs every process memory

    image = Image.new("RGB", (960, 540), (198, 208, 212))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 330, 960, 540), fill=(120, 124, 126))
    for n, x in enumerate(range(60, 900, 150)):
        pen.rectangle((x, 330 - 90 - (n * 37 + len(name) * 11) % 120, x + 100, 330), fill=(150, 158 - n * 6, 160))
    pen.rectangle((0, 500, 960, 540), fill=(20, 20, 20))
    pen.text((16, 512), f"TEST PICTURE  {name}  {now:%Y-%m-%d %H:%M:%S}Z", fill=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


# ---- the worker's turns


def fetch(now: datetime) -> int:
    """Fetch what somebody may see, one a turn, outside of any transaction; at once where something waits."""
    row = Wanted.objects.order_by("id").first()
    if row is None:
        return 0
    case = Case.objects.filter(county=row.county, id=row.case_id).first()
    camera = Camera.objects.filter(pk=row.camera).select_related("device").first()
    if case is not None and camera is not None and case.state == "allowed":
        at = max(now, case.changed_at)
        try:
            clean = pictures.clean(picture(camera, now))
            act(case, "picture", by=CLOCK, facts={"camera": row.camera, "photos": [clean]}, key=f"picture:{case.code}:{row.pk}", at=at)
        except (Forbidden, OSError, pictures.Unfit):
            act(case, "dark", by=CLOCK, facts={"camera": row.camera}, key=f"dark:{case.code}:{row.pk}", at=at)
            note(camera, CLOSED, now)
    row.delete()
    return 1


def note(camera: Camera, found: str, now: datetime) -> None:
    """Keep how a camera answered: one that does not is a fault, one that does again may be over."""
    Camera.objects.filter(pk=camera.pk).update(probe=found, probed_at=now)
    device = Device.objects.get(pk=camera.pk)
    if found == OK:
        Device.objects.filter(pk=device.pk).update(heard_at=now, silent_at=now + timedelta(minutes=3 * PROBE_MINUTES))
    elif found != FORBIDDEN and not device.fault and camera.probe not in ("", OK):  # the second time in a row
        silence.begin([device], "dark", now)


def probe_some(now: datetime) -> int:
    """Ask a few cameras whether they answer, those longest not asked first."""
    if time.monotonic() - _turned[0] < TURN_SECONDS or not settings.CAMERAS:
        return 0
    _turned[0] = time.monotonic()
    old = Camera.objects.exclude(address="").filter(device__live=True)
    due = [c for c in old.order_by("probed_at")[:PROBES] if c.probed_at is None or now - c.probed_at >= timedelta(minutes=PROBE_MINUTES)]
    for camera in due:
        note(camera, answers(camera.address), now)
    return 0
