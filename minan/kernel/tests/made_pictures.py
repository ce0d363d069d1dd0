"""Pictures drawn for the tests: ordinary ones, ones full of metadata, and ones made to do harm."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin

CANARY = "WangXiulan-7F3A"
CORNERS = ("red", "lime", "blue", "yellow")
INVERSE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A street of the mind: sky, ground and a few dozen boxes."""
    chance = random.Random(seed)
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        box = (x, y, x + chance.randrange(9, 10 + size[0] // 3), y + chance.randrange(9, 10 + size[1] // 3))
        draw.rectangle(box, fill=tuple(chance.randrange(256) for _ in range(3)))
    return picture


def encoded(picture: Image.Image, name: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


def corners(size: tuple[int, int] = (300, 200)) -> Image.Image:
    """Upright: red top left, green top right, blue bottom left, yellow bottom right."""
    picture = Image.new("RGB", size, "white")
    width, height = size[0] // 2, size[1] // 2
    for n, colour in enumerate(CORNERS):
        picture.paste(colour, (n % 2 * width, n // 2 * height, (n % 2 + 1) * width, (n // 2 + 1) * height))
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    """Where, when, whose and by which camera, with a maker's note and a place to the second."""
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.Make] = CANARY
    data[ExifTags.Base.Artist] = CANARY
    data[ExifTags.Base.ImageDescription] = CANARY
    inner = data.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.BodySerialNumber] = CANARY
    inner[ExifTags.Base.CameraOwnerName] = CANARY
    inner[ExifTags.Base.DateTimeOriginal] = "2026:11:22 08:30:00"
    inner[ExifTags.Base.MakerNote] = CANARY.encode()
    place = data.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLongitudeRef] = "N", "E"
    place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLongitude] = (39.0, 26.0, 17.5), (116.0, 17.0, 55.3)
    return data


def xmp() -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq>'
        f"<rdf:li>{CANARY}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def iptc() -> bytes:
    name = CANARY.encode()
    record = b"\x1c\x02\x50" + struct.pack("!H", len(name)) + name
    block = b"8BIM\x04\x04\x00\x00" + struct.pack("!I", len(record)) + record + b"\x00" * (len(record) % 2)
    return segment(0xED, b"Photoshop 3.0\x00" + block)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def png_of(width: int, height: int, packed: bytes, *before: bytes, depth: int = 8, colour: int = 0) -> bytes:
    head = chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(before) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(length: int) -> bytes:
    """So many zero bytes, packed by zlib: a thousandth of the size."""
    packer, out = zlib.compressobj(1), []
    for _ in range(length >> 20):
        out.append(packer.compress(bytes(1 << 20)))
    out.append(packer.compress(bytes(length & 0xFFFFF)))
    return b"".join(out) + packer.flush()


def with_metadata() -> Iterator[tuple[str, bytes]]:
    """Sixty files: four formats, each with every kind of metadata it can carry, in several combinations."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    comment = segment(0xFE, CANARY.encode())
    for n in range(15):
        picture = scene(n, (200 + 10 * n, 160))
        turn = n % 8 + 1
        thumbnail = segment(
            0xE1, b"Exif\x00\x00" + exif().tobytes().removeprefix(b"Exif\x00\x00") + encoded(scene(99, (80, 60)))
        )
        jpeg = encoded(picture, exif=exif(turn), xmp=xmp(), icc_profile=profile, comment=CANARY, progressive=n % 2 == 1)
        extra = [iptc(), comment, thumbnail, segment(0xEC, b"Ducky" + CANARY.encode()), segment(0xE4, CANARY.encode())]
        tail = b"" if n % 3 else b"\x00" + CANARY.encode()
        yield f"{n}.jpg", with_segments(jpeg, *extra[: n % 6]) + tail
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", CANARY)
        words.add_text("Comment", CANARY, zip=True)
        words.add_itxt("XML:com.adobe.xmp", xmp().decode())
        yield f"{n}.png", encoded(picture, "PNG", exif=exif(turn), pnginfo=words, icc_profile=profile) + tail
        yield f"{n}.webp", encoded(picture, "WEBP", exif=exif(turn), xmp=xmp(), icc_profile=profile)
        yield f"{n}.gif", encoded(picture.convert("P"), "GIF", comment=CANARY) + tail


def gif_of(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """A GIF that says these sizes and has next to no pixels."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\x00;"


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that want to become large ones, or slow ones."""
    yield "png 13300x13300", png_of(13300, 13300, zeros(13301 * 13300))
    yield "png two thousand million pixels a side", png_of(2**31 - 1, 2**31 - 1, zeros(1000))
    yield "png a line of 100 million", png_of(100_000_000, 1, zeros(100_000_001))
    jpeg = encoded(Image.new("RGB", (16, 16)))
    at = jpeg.index(b"\xff\xc0") + 5
    yield "jpeg that says 65500x65500", jpeg[:at] + struct.pack("!HH", 65500, 65500) + jpeg[at + 4 :]
    yield "gif screen 65535x65535", gif_of((65535, 65535), (1, 1))
    yield "gif frame 65535x65535 on a screen of one", gif_of((1, 1), (65535, 65535))
    lossless = struct.pack("<BI", 0x2F, 16383 | 16383 << 14) + bytes(40)
    yield (
        "webp 16384x16384",
        b"RIFF" + struct.pack("<I", 12 + len(lossless)) + b"WEBPVP8L" + struct.pack("<I", len(lossless)) + lossless,
    )
    size = struct.pack("<I", 16383)[:3]
    extended = b"VP8X" + struct.pack("<II", 10, 0x10) + size + size
    yield "webp canvas 16384x16384", b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended
    simple = bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + bytes(40)
    yield (
        "webp of the first kind",
        b"RIFF" + struct.pack("<I", 12 + len(simple)) + b"WEBPVP8 " + struct.pack("<I", len(simple)) + simple,
    )
    words = b"Comment\x00\x00" + zeros(300_000_000)
    yield "png with 300 MB of words", png_of(8, 8, zeros(72), chunk(b"zTXt", words))
    yield "png with a profile of 300 MB", png_of(8, 8, zeros(72), chunk(b"iCCP", b"icc\x00\x00" + zeros(300_000_000)))
    slow = encoded(scene(1, (3000, 3000)), progressive=True)
    last = slow.rindex(b"\xff\xda")
    yield "jpeg of five hundred scans", slow[:last] + slow[last:-2] * 500 + b"\xff\xd9"


def not_pictures() -> Iterator[tuple[str, bytes]]:
    """What people and attackers upload under the name of a picture."""
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "html as .jpg", b"<!DOCTYPE html><script>alert(1)</script>"
    yield "eicar", b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    yield "pdf and html", b"%PDF-1.4\n<html><script>alert(1)</script>\n%%EOF"
    yield "mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(100)
    yield "tiff", encoded(scene(1, (64, 64)), "TIFF")
    yield "bmp", encoded(scene(1, (64, 64)), "BMP")
    yield "gif that is a program", b"GIF89a=1;alert(1)//" + bytes(50)
    yield "jpeg's first bytes only", b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 20
    yield "png's first bytes only", b"\x89PNG\r\n\x1a\n" + bytes(1000)
    yield "eps in a jpeg's name", b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(100)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../etc/cron.d/x", "* * * * * root true")
        for n in range(1000):
            archive.writestr(f"{n}.txt", bytes(10_000))
    yield "zip with a way out and many entries", out.getvalue()
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", out.getvalue())
    yield "zip in a zip", outer.getvalue()


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Real pictures that are something else as well."""
    script = b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    picture = scene(3, (120, 90))
    yield "jpeg with a script as comment", encoded(picture, comment=script)
    yield "jpeg with a page behind it", encoded(picture) + b"<html>" + script
    yield "gif with a script behind it", encoded(picture.convert("P"), "GIF") + b"*/=1;" + script
    words = PngImagePlugin.PngInfo()
    words.add_text("Title", script.decode())
    yield "png with a script as title", encoded(picture, "PNG", pnginfo=words)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("alert(1).js", script)
    yield "jpeg with an archive behind it", encoded(picture) + out.getvalue()


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to the end; fails if anything follows the end."""
    markers, at = [], 2
    while True:
        assert jpeg[at] == 0xFF
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        markers.append(marker)
        at += 2 + length
        if marker == 0xDA:
            while jpeg[at] != 0xFF or jpeg[at + 1] in (0, *range(0xD0, 0xD8)):
                at += 1
            if jpeg[at + 1] == 0xD9:
                assert at + 2 == len(jpeg)
                return markers
