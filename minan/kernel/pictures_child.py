"""The program that decodes one uploaded picture after another with hardly any rights; started by pictures.py, never imported.

It reads pictures on its input and writes clean ones on its output, with the symbols printed on what was photographed where they
are asked for. Before the first it gives up what a decoder does not
need: memory beyond a bound, new files, new processes, root. Whoever finds a hole in a decoder stands in an empty room.
"""

import hashlib
import io
import json
import os
import resource
import select
import struct
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import zxingcpp
from PIL import (
    ExifTags,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    ImageFilter,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    TiffImagePlugin,
)

# length, most pixels, processor seconds, long side, long side of the small one, quality, most symbols to look for
ASK = struct.Struct("!IIHHHHH")
SIZE = struct.Struct("!I")
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LIFETIME_CPU_SECONDS = 1200
IDLE_LOOK_SECONDS = 20
IDLE_LOOKS = 30
READING_PIECE = 1 << 20
SCANS_MAX = 40  # a progressive JPEG has ten or so; each costs a pass over all pixels
DOUBLED_SIDE = 1600  # a larger picture is not made larger still
LOOKS_LEAST = 3
SYMBOL_MOST = 64  # characters
KINDS = zxingcpp.barcode_formats_from_str("QRCode")
PLAIN = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
USED_LATER = (JpegImagePlugin, MpoImagePlugin, TiffImagePlugin)  # imported now, as no file can be opened later

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The picture is not taken; the one argument is a key of pictures.MESSAGES."""


def webp_pixels(data: bytes) -> int:
    """Pixels by a WebP's header, 0 if it is none; Pillow takes memory for the whole picture before it says its size."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return 0
    kind, body = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return (int.from_bytes(body[4:7], "little") + 1) * (int.from_bytes(body[7:10], "little") + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    return (int.from_bytes(body[6:8], "little") & 0x3FFF) * (int.from_bytes(body[8:10], "little") & 0x3FFF)


def opened(data: bytes, max_pixels: int) -> Image.Image:
    """The picture with only its header read. Refused("not_a_picture" | "too_many_pixels" | "too_slow")."""
    if webp_pixels(data) > max_pixels:
        raise Refused("too_many_pixels")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Refused("too_many_pixels") from error
    except Exception as error:
        raise Refused("not_a_picture") from error
    if picture.format in ("JPEG", "MPO") and data.count(b"\xff\xda") > SCANS_MAX:
        raise Refused("too_slow")
    width, height = picture.size
    if width < 1 or height < 1:
        raise Refused("not_a_picture")
    if width * height > max_pixels:
        raise Refused("too_many_pixels")
    return picture


def turn_of(picture: Image.Image) -> int:
    """The orientation a camera wrote, 1 to 8; whatever is wrong with the metadata means upright."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in the colours every screen assumes; a profile that does not fit or does not parse is ignored."""
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except Exception:
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def flat(picture: Image.Image) -> Image.Image:
    """A mode that can be made smaller and saved: grey of 16 bits becomes 8, what is transparent becomes white."""
    if picture.mode.startswith(("I", "F")):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        seen = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen)
        return paper
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    """JPEG of the pixels alone: they are copied to a new picture, so that nothing hanging on the old one is saved."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def difference_hash(picture: Image.Image) -> str:
    """64 bits, hex: whether each of 8×8 fields is darker than its right neighbour; survives re-encoding and scaling."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (grey[row * 9 + column] < grey[row * 9 + column + 1])
    return f"{bits:016x}"


def looks(grey: Image.Image) -> Iterator[tuple[Image.Image, zxingcpp.Binarizer]]:
    """The same picture in ways in which a symbol may show: as it is, sharpened, larger, smaller, without its shadows."""
    local, whole = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
    yield grey, local
    sharp = grey.filter(ImageFilter.UnsharpMask(3, 200, 0))
    yield sharp, local
    if max(grey.size) <= DOUBLED_SIDE:
        large = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield large, local
        yield large.filter(ImageFilter.UnsharpMask(5, 220, 0)), local
    yield grey.reduce(2), local
    light = grey.filter(ImageFilter.BoxBlur(max(grey.size) / 25))
    # what is darker than its surroundings, whatever light lies on them
    even = ImageChops.add(ImageChops.subtract(sharp, light), ImageChops.invert(ImageChops.subtract(light, sharp)), 2, 0)
    yield ImageOps.autocontrast(even, cutoff=1), whole


def symbols(picture: Image.Image, most: int) -> list[str]:
    """The texts of the symbols in a picture, at most so many: capitals and digits alone, so that no link with a secret leaves this room.

    A further look is taken until two of them saw the same symbols, and some. No text is corrected here beyond the symbol's own
    error correction: whether it is one of ours, the asker knows.
    """
    found: dict[str, None] = {}
    for n, (seen, binarizer) in enumerate(looks(picture.convert("L"))):
        read = zxingcpp.read_barcodes(seen, formats=KINDS, try_invert=False, binarizer=binarizer)
        texts = [one.text for one in read if one.valid and len(one.text) <= SYMBOL_MOST]
        fresh = [text for text in texts if text not in found and PLAIN.issuperset(text)]
        found |= dict.fromkeys(fresh)
        if n >= LOOKS_LEAST - 1 and found and not fresh:
            break
    return list(found)[:most]


def cleaned(
    data: bytes, max_pixels: int, side: int, small_side: int, quality: int, most: int = 0
) -> tuple[dict[str, Any], list[bytes]]:
    """Facts about the clean picture and its two encodings. Refused for what is not taken."""
    picture = opened(data, max_pixels)
    try:
        picture.draft(None, (side, side))
        picture.load()
        turn, profile = turn_of(picture), picture.info.get("icc_profile")
        flattened = flat(picture)
        flattened.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = in_srgb(flattened, profile)
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("broken") from error
    if turn in TURNS:
        upright = upright.transpose(TURNS[turn])
    small = upright.copy()
    small.thumbnail((small_side, small_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    both = [as_jpeg(upright, quality), as_jpeg(small, quality - 10)]
    facts: dict[str, Any] = {"width": upright.width, "height": upright.height, "dhash": difference_hash(upright)}
    if most:
        facts["symbols"] = symbols(upright, most)
    return facts | {"sha256": hashlib.sha256(both[0]).hexdigest()}, both


def warm_up() -> None:
    """Decode one of each format and convert a profile, so that every module and library is loaded before the door shuts."""
    Image.init()
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # opened() looks itself, and Pillow's own bound only warns up to twice its value
    warnings.simplefilter("ignore")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for name in FORMATS:
        out = io.BytesIO()
        Image.new("RGB", (32, 16), "red").save(out, name, exif=exif, icc_profile=profile)
        cleaned(out.getvalue(), 1 << 20, 16, 8, 80, 1)


def give_up_rights(memory_bytes: int) -> None:
    """No more memory than said, no new file or process, no core dump, no root; to be called last before the work."""
    os.nice(5)
    if os.getuid() == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        except (
            OSError
        ):  # a user namespace that knows nobody else: its root has no rights outside, and the limits below hold
            pass
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 1,  # number 0 is taken, and poll() wants room for the one it watches
        resource.RLIMIT_CPU: LIFETIME_CPU_SECONDS,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def allow_cpu(seconds: int) -> None:
    """The system kills this process when the picture at hand takes more processor time than this."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, LIFETIME_CPU_SECONDS), LIFETIME_CPU_SECONDS))


def receive(source: int, length: int) -> bytes | None:
    """Exactly so many bytes, or None when the other side is gone."""
    data = bytearray()
    while len(data) < length:
        piece = os.read(source, min(READING_PIECE, length - len(data)))
        if not piece:
            return None
        data += piece
    return bytes(data)


def send(target: int, *parts: bytes) -> None:
    """All of the parts, however small the pipe is."""
    for part in parts:
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(target, rest) :]


def wait_for_work(source: int, parent: int) -> bool:
    """Wait until there is something to read; False after ten idle minutes, or when whoever started this is gone."""
    waiting = select.poll()
    waiting.register(source, select.POLLIN)
    for _ in range(IDLE_LOOKS):
        if waiting.poll(IDLE_LOOK_SECONDS * 1000):
            return True
        if os.getppid() != parent:
            return False
    return False


def main(memory_bytes: int) -> None:
    """Serve until the input ends."""
    parent, source, target = os.getppid(), 0, os.dup(1)
    os.dup2(2, 1)  # a library that prints must not write between the answers
    warm_up()
    give_up_rights(memory_bytes)
    send(target, b"R")
    while wait_for_work(source, parent):
        head = receive(source, ASK.size)
        if head is None:
            return
        length, max_pixels, seconds, side, small_side, quality, most = ASK.unpack(head)
        allow_cpu(seconds)
        data = receive(source, length)
        if data is None:
            return
        facts: dict[str, Any]
        blobs: list[bytes] = []
        try:
            facts, blobs = cleaned(data, max_pixels, side, small_side, quality, most)
        except Refused as refused:
            facts = {"refused": refused.args[0]}
        except MemoryError:
            facts = {"refused": "too_many_pixels", "last": True}
        answer = json.dumps(facts | {"sizes": [len(blob) for blob in blobs]}).encode()
        send(target, SIZE.pack(len(answer)), answer, *blobs)
        if facts.get("last"):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
