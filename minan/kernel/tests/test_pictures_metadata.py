"""H6: a photo a resident sends says what it shows, and nothing about her, her phone or where she stood."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from minan.kernel.pictures import Picture, clean, differing_bits
from minan.kernel.tests import made_pictures as made

CONTENT_TAGS = {"ExifTool", "File", "SourceFile", "Composite", "JFIF"}

pytestmark = pytest.mark.bar("H6")


def exiftool_tags(folder: Path) -> dict[str, list[str]]:
    said = subprocess.run(
        ["exiftool", "-json", "-G", "-a", "-u", folder], check=False, capture_output=True, text=True
    ).stdout
    return {
        Path(row["SourceFile"]).name: [tag for tag in row if tag.split(":")[0] not in CONTENT_TAGS]
        for row in json.loads(said)
    }


def test_h6_sixty_photos_lose_every_tag_in_picture_and_thumbnail(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    files = list(made.with_metadata())
    assert len(files) == 60
    for name, data in files:
        assert made.CANARY.encode() in data
        (before / name).write_bytes(data)
        picture = clean(data)
        for kind, out in (("picture", picture.data), ("thumb", picture.thumb)):
            assert made.CANARY.encode() not in out, name
            assert set(made.segments(out)) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}, name
            assert {str(key) for key in Image.open(io.BytesIO(out)).info} - {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
            } <= {"dpi"}, name
            (after / f"{name}.{kind}.jpg").write_bytes(out)
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool (libimage-exiftool-perl) is missing: segments and canaries were checked, tags were not")
    assert all(exiftool_tags(before).values()), "the files were meant to have tags"
    tags = exiftool_tags(after)
    assert len(tags) == 120
    assert [name for name, left in tags.items() if left] == []


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_h6_photo_stands_upright_however_the_phone_was_held(name: str, orientation: int) -> None:
    upright = made.corners()
    turn = made.INVERSE[orientation]
    stored = upright.transpose(turn) if turn is not None else upright
    picture = clean(made.encoded(stored, name, exif=made.exif(orientation)))
    assert (picture.width, picture.height) == upright.size
    for data, size in ((picture.data, upright.size), (picture.thumb, upright.size)):
        seen = Image.open(io.BytesIO(data)).convert("RGB")
        assert seen.size == size
        for n, colour in enumerate(made.CORNERS):
            spot = seen.getpixel((size[0] * (1 + 2 * (n % 2)) // 4, size[1] * (1 + 2 * (n // 2)) // 4))
            wanted = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
            assert isinstance(spot, tuple)
            assert isinstance(wanted, tuple)
            assert max(abs(a - b) for a, b in zip(spot, wanted, strict=True)) < 12, (orientation, colour)


def test_h6_pixels_are_those_of_the_photo_and_sizes_within_bounds() -> None:
    source = made.scene(4, (4000, 3000))
    picture = clean(made.encoded(source, quality=95))
    assert (picture.width, picture.height, picture.mime) == (2560, 1920, "image/jpeg")
    assert Image.open(io.BytesIO(picture.thumb)).size == (480, 360)
    small, wanted = Image.open(io.BytesIO(picture.data)).resize((64, 48)), source.resize((64, 48))
    off = [abs(a - b) for a, b in zip(small.tobytes(), wanted.tobytes(), strict=True)]
    assert sum(off) / len(off) < 6
    assert clean(made.encoded(made.scene(4, (9000, 3)))).height >= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_h6_every_kind_of_png_comes_out_and_what_is_transparent_is_white(mode: str) -> None:
    source = Image.new("L", (40, 40), 200)
    if mode == "I;16":
        picture = Image.new("I;16", (40, 40), 200 * 256)
    elif mode in ("LA", "RGBA"):
        picture = source.convert(mode)
        picture.putalpha(Image.new("L", (40, 40), 0))
    else:
        picture = source.convert(mode)
    seen = Image.open(io.BytesIO(clean(made.encoded(picture, "PNG")).data)).convert("L").resize((1, 1)).getpixel((0, 0))
    assert isinstance(seen, int | float)
    wanted = 255 if mode in ("LA", "RGBA") else 200
    assert abs(seen - wanted) < (60 if mode == "1" else 6)


def test_h6_cmyk_photo_and_moving_gif_come_out_as_one_still_picture() -> None:
    assert clean(made.encoded(made.scene(2).convert("CMYK"))).width == 640
    frames = [made.corners(), made.scene(9, (300, 200))]
    still = clean(made.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    spot = Image.open(io.BytesIO(still.data)).getpixel((20, 20))
    assert isinstance(spot, tuple)
    assert spot[0] > 200
    assert spot[1] < 60


def same_photo(one: Picture, other: Picture) -> bool:
    return differing_bits(one.dhash, other.dhash) <= 10


def test_handler_who_uses_an_old_photo_again_is_recognised_by_its_hash() -> None:
    first = clean(made.encoded(made.scene(20, (1600, 1200)), quality=95))
    again = clean(made.encoded(made.scene(20, (1600, 1200)).resize((800, 600)), quality=40))
    others = [clean(made.encoded(made.scene(n, (800, 600)))) for n in range(21, 31)]
    assert same_photo(first, again)
    assert not any(same_photo(first, other) for other in others)
    assert first.sha256 != again.sha256
