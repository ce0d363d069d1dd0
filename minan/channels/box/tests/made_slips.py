"""Photographs of slips as they come out of a box, made up: one draw of all that spoils a picture; the same seed, the same picture.

A slip is drawn as it is printed (millimetres as in static/box/slip.css), written upon, folded, laid on a table, photographed askew,
out of focus, half in the shade, and saved small.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import segno
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from minan.channels.box import marks
from minan.lib import codes

DPM = 10  # pixels a millimetre, as drawn
PAPER = (152, 138)  # millimetres of the part that goes into the box
CODES = ((4, 4), (122, 4), (4, 108), (122, 108))  # left upper corner of each symbol with its quiet zone
SIDE = 26  # of a symbol without its quiet zone
WIDTH = 1000  # pixels of a photograph
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
)
SAID = "东门口路灯坏了三天晚上看不见路老人摔了请来修一下谢谢楼道堆满了东西没人管井盖响"


@dataclass(frozen=True)
class Worst:
    """How bad it may get; each draw reaches up to it, every tenth reaches it in everything."""

    tilt: float = 25.0  # degrees
    blur: float = 2.0  # sigma in pixels of the photograph
    quality: int = 30  # of the JPEG
    shade: float = 0.45  # light left in the shadow
    perspective: float = 0.08  # of the width, at a corner


def font(size: int, n: int = 0) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype(FONTS[n], size)
    except OSError:
        return ImageFont.load_default(size)


def symbol(text: str, side: int) -> Image.Image:
    """A symbol with its quiet zone of four modules; `side`: pixels without it."""
    rows = [[bool(dark) for dark in row] for row in segno.make(text, error="h", micro=False, boost_error=False).matrix]
    n = len(rows)
    bare = Image.new("1", (n + 8, n + 8), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            bare.putpixel((x + 4, y + 4), 0 if dark else 1)
    whole = round(side * (n + 8) / n)
    return bare.convert("L").resize((whole, whole), Image.Resampling.NEAREST)


def paper(code: str) -> Image.Image:
    """The slip as it is printed."""
    sheet = Image.new("L", (PAPER[0] * DPM, PAPER[1] * DPM), 250)
    draw = ImageDraw.Draw(sheet)
    mark = symbol(marks.mark(code), SIDE * DPM)
    for x, y in CODES:
        sheet.paste(mark, (x * DPM - mark.width // 12, y * DPM - mark.height // 12))
    draw.text((40 * DPM, 6 * DPM), "说事单", font=font(70), fill=20)
    draw.text((40 * DPM, 18 * DPM), codes.pretty(code), font=font(46), fill=20)
    for n in range(8):
        draw.line(((6 * DPM, (44 + 11 * n) * DPM), (116 * DPM, (44 + 11 * n) * DPM)), fill=170, width=3)
    return sheet.convert("RGB")


def _stroke(draw: ImageDraw.ImageDraw, chance: random.Random, box: tuple[float, float, float, float]) -> None:
    ink = chance.choice([(20, 24, 70), (15, 15, 15), (120, 20, 20), (40, 40, 120)])
    x0, y0, x1, y1 = box
    points = [(x0, chance.uniform(y0, y1))]
    for n in range(1, 6):
        points.append((x0 + (x1 - x0) * n / 5, chance.uniform(y0, y1)))
    draw.line(points, fill=ink, width=chance.randint(4, 9), joint="curve")


def write(sheet: Image.Image, chance: random.Random) -> None:
    """Handwriting in its lines, and across one symbol at least."""
    draw = ImageDraw.Draw(sheet)
    for n in range(chance.randint(2, 7)):
        words = "".join(chance.choice(SAID) for _ in range(chance.randint(6, 14)))
        at = (chance.randint(6, 14) * DPM, (36 + 11 * n) * DPM + chance.randint(-12, 12))
        draw.text(at, words, font=font(chance.randint(64, 82), 1), fill=(25, 25, 80))
    hit = [place for place in CODES if chance.random() < 0.45] or [chance.choice(CODES)]
    for x, y in hit:
        left, top = x * DPM, y * DPM
        _stroke(draw, chance, (left - 60, top + 40, left + SIDE * DPM + 60, top + SIDE * DPM - 40))
        if chance.random() < 0.6:
            words = "".join(chance.choice(SAID) for _ in range(3))
            at = (left - 20 + chance.randint(0, 60), top + chance.randint(20, 170))
            draw.text(at, words, font=font(chance.randint(60, 90), 1), fill=(20, 20, 60))


def crease(sheet: Image.Image, chance: random.Random) -> Image.Image:
    """Folded across one symbol: a dark and a bright line, and what lies behind is a little off."""
    x, y = chance.choice(CODES)
    along = chance.random() < 0.5
    at = round(((y if along else x) + chance.uniform(5, SIDE - 5)) * DPM)
    off = chance.randint(-6, 6)
    out = sheet.copy()
    if along:
        out.paste(sheet.crop((0, at, sheet.width, sheet.height)), (off, at))
    else:
        out.paste(sheet.crop((at, 0, sheet.width, sheet.height)), (at, off))
    draw, wide = ImageDraw.Draw(out, "RGBA"), chance.randint(4, 9)
    for shift, colour in ((0, (70, 70, 70, 150)), (wide, (255, 255, 255, 190))):
        line = ((0, at + shift), (out.width, at + shift + chance.randint(-20, 20)))
        draw.line(line if along else tuple((b, a) for a, b in line), fill=colour, width=wide)
    return out


def _coefficients(to: list[tuple[float, float]], of: list[tuple[float, float]]) -> list[float]:
    """The eight numbers of Pillow's PERSPECTIVE that carry `to` (the picture) back onto `of` (the paper): Gauss, 8 × 8."""
    rows = []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for n in range(8):
        best = max(range(n, 8), key=lambda r: abs(rows[r][n]))
        rows[n], rows[best] = rows[best], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for other in range(8):
            if other != n:
                rows[other] = [a - rows[other][n] * b for a, b in zip(rows[other], rows[n], strict=True)]
    return [row[8] for row in rows]


def lay(sheet: Image.Image, chance: random.Random, tilt: float, pull: float, upside: bool) -> Image.Image:
    """On a table, askew, seen from the side; the whole paper stays in the picture, WIDTH pixels wide."""
    turn = math.radians(tilt + (180 if upside else 0))
    half = [
        (-sheet.width / 2, -sheet.height / 2),
        (sheet.width / 2, -sheet.height / 2),
        (sheet.width / 2, sheet.height / 2),
        (-sheet.width / 2, sheet.height / 2),
    ]
    corners = [(x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)) for x, y in half]
    corners = [
        (x + chance.uniform(-pull, pull) * sheet.width, y + chance.uniform(-pull, pull) * sheet.width)
        for x, y in corners
    ]
    x0, x1 = min(x for x, _ in corners), max(x for x, _ in corners)
    y0, y1 = min(y for _, y in corners), max(y for _, y in corners)
    scale = (WIDTH - 2 * chance.randint(8, 60)) / (x1 - x0)
    edge = (WIDTH - (x1 - x0) * scale) / 2
    to = [((x - x0) * scale + edge, (y - y0) * scale + edge) for x, y in corners]
    size = (WIDTH, round((y1 - y0) * scale + 2 * edge))
    of = [(0.0, 0.0), (float(sheet.width), 0.0), (float(sheet.width), float(sheet.height)), (0.0, float(sheet.height))]
    small = sheet.filter(ImageFilter.GaussianBlur(0.4 / scale))  # what a lens does before it leaves pixels out
    table = Image.new("RGB", size, chance.choice([(96, 74, 52), (60, 62, 66), (150, 140, 128), (205, 200, 190)]))
    numbers = _coefficients(to, of)
    seen = small.transform(size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC)
    mask = Image.new("L", sheet.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
    )
    table.paste(seen, mask=mask)
    return table


def shade(picture: Image.Image, chance: random.Random, left: float) -> Image.Image:
    """Half of it in the shadow of whoever takes the picture, with a soft edge, and the light falls off."""
    mask = Image.new("L", picture.size, 255)
    w, h = picture.size
    a, b = chance.uniform(0.25, 0.75), chance.uniform(0.25, 0.75)
    ImageDraw.Draw(mask).polygon([(0, 0), (w * a, 0), (w * b, h), (0, h)], fill=round(255 * left))
    if chance.random() < 0.5:
        mask = mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mask = mask.filter(ImageFilter.GaussianBlur(chance.uniform(3, 30)))
    return ImageChops.multiply(picture, Image.merge("RGB", (mask, mask, mask)))


def photographed(code: str, seed: int, worst: Worst = Worst()) -> bytes:
    """One JPEG of the slip with this code."""
    chance = random.Random(f"{seed}:{code}")
    full = seed % 10 == 0
    sheet = paper(code)
    write(sheet, chance)
    sheet = crease(sheet, chance)
    tilt = worst.tilt * (chance.choice([-1, 1]) if full else chance.uniform(-1, 1))
    picture = lay(sheet, chance, tilt, worst.perspective * (1 if full else chance.random()), chance.random() < 0.15)
    picture = picture.filter(ImageFilter.GaussianBlur(worst.blur if full else chance.uniform(0.5, worst.blur)))
    picture = shade(picture, chance, worst.shade if full else chance.uniform(worst.shade, 0.9))
    picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.75, 1.15))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=worst.quality if full else chance.randint(worst.quality, 75))
    return out.getvalue()


def encoded_blank(seed: int) -> bytes:
    """A photograph on which nothing can be read."""
    chance, out = random.Random(seed), io.BytesIO()
    Image.effect_noise((400, 300), chance.uniform(20, 60)).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()
