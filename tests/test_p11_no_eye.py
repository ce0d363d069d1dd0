"""P11: nothing in the code sees a face, reads a plate, or answers where somebody was; and nobody can bring in a list of people or cars."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest
from django.urls import get_resolver

from tests import house as houses

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEN = [ROOT / "minan", ROOT / "examples", ROOT / "tools"]
# What recognises faces, gaits, voices or plates, or follows people over cameras.
EYES = re.compile(
    r"(face_?recognition|dlib|insightface|deepface|facenet|retinaface|mtcnn|openalpr|hyperlpr|easyocr|paddleocr|paddle|ultralytics|yolo|"
    r"mediapipe|torchreid|speechbrain|resemblyzer|pyannote|tensorflow|torch)\b",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"(recogni[sz]e|match|find|search|detect|identify|track)_?(face|gait|person|people|plates?)"
    r"|(face|gait|plate)_?(recognition|search|match|embedding)"
    r"|last_?seen|whereabouts|movements?_of|trajector|watch_?list|black_?list_?of"
    r"|import_?plates?|plates?_?import|who_?passed|passed_?by_?person",
    re.IGNORECASE,
)
ROUTES = re.compile(
    r"face|plate.*(search|import|find)|track|whereabouts|last-?seen|trajector|movement|watch-?list", re.IGNORECASE
)
CASCADE = re.compile(r"CascadeClassifier|haarcascade|FaceDetector|FaceRecognizer", re.IGNORECASE)


def sources() -> Iterator[pathlib.Path]:
    for place in SEEN:
        yield from (path for path in sorted(place.rglob("*.py")) if "node_modules" not in path.parts)


def said(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """("imports" or "names", word): what a file brings in, and every name it gives to something."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word) | ast.ClassDef(name=word):
                yield "names", word
            case ast.Name(id=word, ctx=ast.Store()) | ast.Attribute(attr=word, ctx=ast.Store()) | ast.arg(arg=word):
                yield "names", word
            case ast.Import(names=some):
                yield from (("imports", one.name) for one in some)
            case ast.ImportFrom(module=word):
                yield "imports", word or ""


@pytest.mark.bar("P11")
def test_no_file_brings_in_what_sees_faces_or_reads_plates_nor_names_such_a_thing() -> None:
    wrong, files = [], 0
    for path in sources():
        text, here, files = path.read_text("utf-8"), str(path.relative_to(ROOT)), files + 1
        tree = ast.parse(text)
        bad = {"imports": EYES.match, "names": NAMES.search}
        wrong += [f"{here}: {how} {word}" for how, word in sorted(set(said(tree))) if bad[how](word)]
        wrong += [f"{here}: {found[0]}" for found in [CASCADE.search(text)] if found]
    assert files > 300
    assert wrong == []


@pytest.mark.bar("P11")
def test_nothing_that_sees_faces_or_reads_plates_is_installed_with_us() -> None:
    asked = "\n".join(p.read_text("utf-8") for p in sorted((ROOT / "requirements").glob("*.in")))
    wanted = [line.split("#")[0].strip() for line in asked.splitlines()]
    assert [line for line in wanted if line and EYES.match(line)] == []


@pytest.mark.bar("P11")
def test_no_address_asks_where_somebody_was_or_takes_a_list_of_plates() -> None:
    found = houses.routes(get_resolver().url_patterns)
    assert len(found) > 100
    assert [route for route in found if ROUTES.search(route)] == []


@pytest.mark.bar("P11")
def test_no_script_of_ours_looks_at_a_face() -> None:
    scripts = [path for path in (ROOT / "minan").rglob("*.js") if "static" in path.parts]
    assert len(scripts) > 20
    assert [
        path.name
        for path in scripts
        if re.search(r"FaceDetector|face-?api|tfjs|BarcodeDetector.*face", path.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize(
    "bad", ["recognize_face", "plate_search", "last_seen", "import_plates", "track_person", "who_passed", "watchlist"]
)
def test_such_a_name_would_be_found(bad: str) -> None:
    assert NAMES.search(bad)
    assert EYES.match("face_recognition.api")
