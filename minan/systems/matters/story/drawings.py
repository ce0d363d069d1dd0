"""Small scenes drawn by the program itself, before and after: what stands in the demo for photos from the place."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFilter

from minan.kernel import pictures
from minan.kernel.pictures import Picture

SIZE = (1200, 900)
NIGHT, DUSK, DAY = (18, 24, 44), (74, 88, 120), (176, 205, 226)
ROAD, GRASS, WALL = (92, 94, 98), (104, 128, 84), (188, 176, 158)
Draw = ImageDraw.ImageDraw


def _ground(sky: tuple[int, int, int], light: float = 1.0) -> tuple[Image.Image, Draw]:
    picture = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(picture)
    dim = tuple(int(c * light) for c in GRASS), tuple(int(c * light) for c in ROAD), tuple(int(c * light) for c in WALL)
    draw.rectangle((0, 520, 1200, 900), fill=dim[0])
    draw.polygon(((420, 520), (780, 520), (1140, 900), (60, 900)), fill=dim[1])
    for x, height in ((0, 250), (170, 330), (900, 290), (1060, 220)):
        draw.rectangle((x, 520 - height, x + 150, 520), fill=dim[2])
        for row in range(520 - height + 24, 500, 62):
            for column in range(x + 18, x + 130, 44):
                draw.rectangle((column, row, column + 22, row + 30), fill=tuple(int(c * 0.6) for c in dim[2]))
    return picture, draw


def _lamp(mended: bool) -> Image.Image:
    picture, draw = _ground(NIGHT, 0.45 if mended else 0.25)
    draw.rectangle((860, 180, 876, 640), fill=(120, 122, 126))
    draw.line(((868, 190), (760, 170)), fill=(120, 122, 126), width=12)
    if mended:
        glow = Image.new("RGB", SIZE)
        ImageDraw.Draw(glow).polygon(((720, 190), (800, 190), (1000, 760), (520, 760)), fill=(120, 104, 48))
        glow = glow.filter(ImageFilter.GaussianBlur(60))
        picture = Image.blend(
            picture, Image.composite(glow, picture, glow.convert("L").point(lambda v: min(255, v * 3))), 0.75
        )
        draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((716, 158, 806, 188), 8, fill=(255, 236, 170) if mended else (54, 56, 62))
    return picture


def _road(mended: bool) -> Image.Image:
    picture, draw = _ground(DAY)
    if mended:
        draw.polygon(((470, 690), (760, 690), (820, 810), (420, 810)), fill=(62, 64, 68))
    else:
        rim = [(430, 750), (500, 700), (640, 690), (760, 715), (800, 770), (730, 815), (560, 822), (470, 800)]
        draw.polygon(rim, fill=(58, 50, 44))
        draw.polygon([(x * 0.8 + 122, y * 0.7 + 232) for x, y in rim], fill=(110, 122, 126))
        for x, y in rim:
            draw.line(((x, y), (x + (x - 610) * 0.4, y + 22)), fill=(60, 60, 62), width=4)
    return picture


def _manhole(mended: bool) -> Image.Image:
    picture, draw = _ground(DUSK)
    draw.ellipse((430, 660, 770, 830), fill=(44, 46, 48))
    if mended:
        draw.ellipse((446, 668, 754, 818), fill=(112, 112, 108))
        for x in range(480, 740, 40):
            draw.line(((x, 690), (x, 800)), fill=(86, 86, 84), width=8)
    else:
        draw.ellipse((470, 690, 730, 816), fill=(8, 8, 10))
        draw.line(((600, 760), (640, 420)), fill=(96, 72, 44), width=14)
        draw.polygon(((640, 420), (710, 450), (634, 486)), fill=(214, 62, 52))
    return picture


def _rubbish(mended: bool) -> Image.Image:
    picture, draw = _ground(DAY)
    if mended:
        for x in (330, 450, 570):
            draw.rounded_rectangle((x, 560, x + 96, 700), 10, fill=(64, 132, 92))
            draw.rectangle((x - 6, 548, x + 102, 566), fill=(46, 102, 70))
        return picture
    chance = random.Random(7)  # noqa: S311 a heap, not a secret
    for _ in range(150):
        x, y = chance.gauss(480, 120), chance.uniform(590, 760)
        size = chance.uniform(16, 58)
        color = chance.choice(
            [(60, 62, 66), (230, 228, 220), (196, 74, 60), (74, 120, 176), (214, 176, 72), (120, 96, 70)]
        )
        draw.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.6), fill=color)
    return picture


def _tree(mended: bool) -> Image.Image:
    picture, draw = _ground(DAY)
    if mended:
        draw.ellipse((190, 620, 280, 660), fill=(150, 112, 70))
        draw.rectangle((900, 440, 918, 600), fill=(104, 78, 52))
        draw.ellipse((850, 340, 970, 480), fill=(84, 140, 78))
        return picture
    draw.polygon(((150, 640), (210, 610), (900, 760), (880, 800)), fill=(104, 78, 52))
    for x, y in ((760, 720), (860, 690), (900, 790), (980, 740), (700, 790), (820, 770)):
        draw.ellipse((x - 90, y - 66, x + 90, y + 66), fill=(72, 116, 66))
    return picture


def _bench(mended: bool) -> Image.Image:
    picture, draw = _ground(DAY)
    for row in range(3):
        if mended or row != 1:
            draw.rectangle((380, 600 + row * 34, 820, 622 + row * 34), fill=(150, 100, 58))
    if not mended:
        draw.line(((400, 640), (560, 720)), fill=(150, 100, 58), width=20)
    for x in (410, 770):
        draw.rectangle((x, 690, x + 20, 780), fill=(70, 72, 76))
    return picture


def _water(mended: bool) -> Image.Image:
    picture, draw = _ground(DAY)
    draw.rectangle((540, 720, 660, 780), fill=(120, 124, 128))
    if mended:
        draw.rectangle((520, 706, 680, 724), fill=(64, 104, 150))
        return picture
    for lean in range(-5, 6):
        draw.line(
            ((600, 720), (600 + lean * 26, 420 + abs(lean) * 22), (600 + lean * 62, 760)),
            fill=(196, 224, 240),
            width=10,
            joint="curve",
        )
    draw.ellipse((300, 760, 900, 860), fill=(138, 170, 190))
    return picture


SCENES: dict[str, Callable[[bool], Image.Image]] = {
    "lamp": _lamp, "road": _road, "manhole": _manhole, "rubbish": _rubbish, "tree": _tree, "bench": _bench, "water": _water
}  # fmt: skip


_taken = itertools.count(1)


def taken(scene: str) -> Picture:
    """The scene mended, as a photo of its own: no two answers of the demo carry the same file or the same likeness."""
    first = drawing(scene, True)
    data = first.data + next(_taken).to_bytes(4, "big")  # after the end of a JPEG: shown by nobody
    mark = sha256(data).hexdigest()
    return replace(first, data=data, sha256=mark, dhash=mark[:16])


@cache
def drawing(scene: str, mended: bool) -> Picture:
    """A scene as it was or as it is mended, cleaned like any photo; an unknown scene is the road."""
    out = io.BytesIO()
    SCENES.get(scene, _road)(mended).save(out, "JPEG", quality=80)
    return pictures.clean(out.getvalue())
