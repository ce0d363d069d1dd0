"""The standard itself: every call in both forms, checked against the schemas of the standard, with its errors."""

from __future__ import annotations

import contextlib
import json
import pathlib
import socket
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from minan.kernel import access, directory, places
from minan.kernel.act import act
from minan.kernel.models import Case, Place, User
from minan.kernel.tests.made_pictures import encoded, scene

pytestmark = pytest.mark.django_db

FOLDER = pathlib.Path(__file__).resolve().parents[5] / "shared" / "data" / "open311"


def fits(name: str, data: Any) -> bool:
    """Check against the standard's own schema, read from the shared folder."""
    if not FOLDER.exists():
        pytest.skip("not run: Open311 schemas (../shared/data/open311 is missing)")
    schemas = {
        path.name.removeprefix("georeport-v2_"): json.loads(path.read_text("utf-8"))
        for path in FOLDER.glob("georeport-v2_*.json")
    }
    known = Registry().with_resources(
        (key, Resource(contents=value, specification=DRAFT4)) for key, value in schemas.items()
    )
    checker = jsonschema.Draft4Validator(schemas[name], registry=known, format_checker=jsonschema.FormatChecker())
    checker.validate(data)
    return True


def accepted(say: Any, clerk: User, **fields: Any) -> Case:
    case = Case.objects.get(code=say(**fields).json()[0]["service_request_id"])
    assert act(case, "accept", by=access.actor(clerk))
    return case


def test_services_and_definitions_are_as_the_standard_says(client: Client, city: None) -> None:
    listed = client.get("/open311/v2/services.json").json()
    assert fits("services.json", listed)
    assert {row["service_code"] for row in listed} == {k.code for k in directory.city().kinds.values() if k.active}
    asking = [row["service_code"] for row in listed if row["metadata"]]
    assert "lamp.out" in asking
    for code in asking:
        definition = client.get(f"/open311/v2/services/{code}.json").json()
        assert fits("service-definition.json", definition)
        assert definition["attributes"]
    english = client.get("/open311/v2/services.json", headers={"Accept-Language": "en"}).json()
    assert "Street lamp out" in [row["service_name"] for row in english]


def test_requests_are_as_the_standard_says_alone_and_in_a_list(
    client: Client, say: Any, people: dict[str, User]
) -> None:
    case = accepted(say, people["clerk"])
    assert fits("requests.json", client.get("/open311/v2/requests.json").json())
    (row,) = client.get(f"/open311/v2/requests/{case.code}.json").json()
    assert fits("request.json", row)
    assert row["requested_datetime"].endswith("+08:00")
    assert row["service_code"] == "lamp.out"


def test_xml_says_the_same_as_json(client: Client, say: Any, people: dict[str, User]) -> None:
    case = accepted(say, people["clerk"], description="灯 <b>不</b> & 亮\x0b")
    tree = ElementTree.fromstring(client.get("/open311/v2/requests.xml").content)
    assert (tree.tag, [child.tag for child in tree]) == ("service_requests", ["request"])
    (row,) = client.get("/open311/v2/requests.json").json()
    assert {child.tag: child.text or None for child in tree[0]} == {
        k: None if v is None else str(v) for k, v in row.items()
    }
    assert row["description"] == "灯 <b>不</b> & 亮"
    assert (
        ElementTree.fromstring(client.get("/open311/v2/services.xml").content).find("service/service_code") is not None
    )
    definition = ElementTree.fromstring(client.get("/open311/v2/services/lamp.out.xml").content)
    assert definition.tag == "service_definition"
    assert definition.find("attributes/attribute/values/value/key") is not None
    assert (
        ElementTree.fromstring(client.get("/open311/v2/discovery.xml").content).find("endpoints/endpoint/url")
        is not None
    )
    token = ElementTree.fromstring(client.get(f"/open311/v2/tokens/{case.code}.xml").content)
    assert token.findtext("request/service_request_id") == case.code
    said = ElementTree.fromstring(say("xml").content)
    assert said.findtext("request/extended_attributes/secret")


def test_the_filters_find_what_they_say(client: Client, say: Any, people: dict[str, User]) -> None:
    lamp, hole = accepted(say, people["clerk"]), accepted(say, people["clerk"], service_code="road.hole")
    assert act(hole, "merge", by=access.actor(people["clerk"]), facts={"into": lamp.code})

    def found(**asked: str) -> set[str]:
        answer = client.get("/open311/v2/requests.json", asked)
        assert answer.status_code == 200, answer.content
        return {row["service_request_id"] for row in answer.json()}

    assert found() == {lamp.code, hole.code}
    assert found(service_code="lamp.out,nothing") == {lamp.code}
    assert found(status="open") == {lamp.code}
    assert found(status="closed") == {hole.code}
    assert found(service_request_id=f"{lamp.code},{'0' * 15}") == {lamp.code}
    assert found(end_date="2020-01-01T00:00:00Z") == set()
    assert found(start_date="2020-01-01T00:00:00+08:00", end_date="2999-01-01T00:00:00Z") == {lamp.code, hole.code}
    assert found(jurisdiction_id="131022000000") == {lamp.code, hole.code}
    assert found(jurisdiction_id="131023000000") == set()
    assert len(found(page_size="1")) == len(found(page_size="1", page="2")) == 1
    assert found(page_size="1") != found(page_size="1", page="2")


BAD = [
    ({"service_code": None}, 400), ({"service_code": "nothing"}, 404), ({"address_id": None}, 400), ({"lat": "abc", "long": "1"}, 400),
    ({"lat": "nan", "long": "nan"}, 400), ({"lat": "31.2", "long": "121.5"}, 400), ({"phone": "12"}, 400), ({"jurisdiction_id": "1"}, 404),
    ({"api_key": "wrong"}, 403), ({"lat": "39.43", "long": "116.29", "jurisdiction_id": "131023000000"}, 400),
]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("fields", "status"), BAD)
def test_what_cannot_be_taken_is_said_in_the_standards_error_form(
    say: Any, city: None, form: str, fields: dict[str, Any], status: int
) -> None:
    answer = say(form, **fields)
    assert answer.status_code == status
    if form == "json":
        (error,) = answer.json()
        assert error["code"] == status
        assert error["description"]
    else:
        tree = ElementTree.fromstring(answer.content)
        assert tree.tag == "errors"
        assert tree.findtext("error/code") == str(status)


@pytest.mark.parametrize(
    "asked",
    [{"status": "done"}, {"page": "0"}, {"page_size": "9999"}, {"start_date": "yesterday"}, {"end_date": "9" * 400}],
)
def test_a_filter_that_cannot_be_read_is_400(client: Client, city: None, asked: dict[str, str]) -> None:
    assert client.get("/open311/v2/requests.json", asked).status_code == 400


def test_a_point_inside_the_city_gives_the_county_and_never_the_village_it_is_near(say: Any, city: None) -> None:
    answer = say(address_id=None, lat="39.4300", long="116.2900")
    case = Case.objects.get(code=answer.json()[0]["service_request_id"])
    assert case.place == "131022000000"
    assert (case.lat, case.lon) == (39.43, 116.29)
    assert case.desk == "131022-centre"


def test_with_a_villages_own_polygon_the_same_point_gives_the_village(say: Any, city: None) -> None:
    square = [[116.28, 39.42], [116.30, 39.42], [116.30, 39.44], [116.28, 39.44], [116.28, 39.42]]
    Place.objects.filter(code="131022100010").update(outline={"type": "Polygon", "coordinates": [square]})
    directory.touch()
    answer = say(address_id=None, lat="39.4300", long="116.2900")
    assert Case.objects.get(code=answer.json()[0]["service_request_id"]).place == "131022100010"
    assert places.tree().at(116.29, 39.43)[0].code == "131022100010"


@pytest.mark.parametrize(
    ("address", "place", "desk"),
    [
        ("河北省廊坊市固安县固安镇朝阳路 5 号", "131022100000", "131022100-station"), ("固安县新中街", "131022000000", "131022-centre"),
        ("老地方，桥头", "131000000000", "1310-centre"), ("从固安县到永清县的路上", "131000000000", "1310-centre"),
    ],
)  # fmt: skip
def test_an_address_is_kept_as_words_and_an_unknown_one_lies_in_place_unknown(
    say: Any, city: None, address: str, place: str, desk: str
) -> None:
    answer = say(address_id=None, address_string=address)
    case = Case.objects.get(code=answer.json()[0]["service_request_id"])
    assert case.place_words == address
    assert (case.place, case.desk) == (place, desk)
    assert bool(case.marks.get("place_unknown")) == (place == "131000000000")


def test_attributes_are_kept_as_answers(say: Any, city: None) -> None:
    answer = say(**{"attribute[how_many]": "some", "attribute[many][]": ["a", "b"], "attribute[<script>]": "x"})
    case = Case.objects.get(code=answer.json()[0]["service_request_id"])
    assert case.facts["answers"] == {"how_many": "some", "many": "a, b"}


def test_a_matter_by_open311_is_one_fast_statement_and_no_session(
    client: Client, say: Any, people: dict[str, User]
) -> None:
    say()
    with CaptureQueriesContext(connection) as asked:
        answer = say(description="还有一盏")
    assert answer.status_code == 200
    work = [q["sql"] for q in asked if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert all(sql.startswith(("INSERT", "WITH")) for sql in work)  # nothing is read
    assert connection.vendor != "postgresql" or len(work) == 1
    assert "Set-Cookie" not in answer.headers
    with CaptureQueriesContext(connection) as asked:
        client.get("/open311/v2/requests.json")
    assert len(asked) <= 2


def test_who_floods_without_a_key_is_slowed_and_a_person_with_a_key_is_not(
    say: Any, tokens: dict[str, str], settings: Any
) -> None:
    settings.OPEN311_PER_MINUTE = 3
    assert [say().status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert say(api_key=tokens["clerk"]).status_code == 200


def test_what_a_resident_says_with_their_key_is_theirs(
    client: Client, say: Any, people: dict[str, User], tokens: dict[str, str]
) -> None:
    from minan.kernel import speakers

    answer = say(api_key=tokens["resident"])
    assert [c.code for c in speakers.own(people["resident"])] == [answer.json()[0]["service_request_id"]]


def test_a_wrong_method_is_405_in_the_standards_form(client: Client, city: None) -> None:
    answer = client.delete("/open311/v2/requests.json")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST"


def test_the_public_list_is_read_from_an_index_of_its_own(client: Client, say: Any, people: dict[str, User]) -> None:
    """One public case among many must not cost a walk over all of them."""
    accepted(say, people["clerk"])
    with CaptureQueriesContext(connection) as asked:
        client.get("/open311/v2/requests.json")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "case_public" in plan
        assert "TEMP B-TREE" not in plan
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("EXPLAIN " + asked[0]["sql"])
            assert "case_public" in " ".join(row[0] for row in cursor.fetchall())


def test_a_photo_sent_along_is_cleaned_and_kept_and_what_is_none_is_400(say: Any, city: None) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from minan.kernel.models import Attachment

    photo = encoded(scene(3))
    answer = say(key="with-photo", media=SimpleUploadedFile("lamp.jpg", photo))
    case = Case.objects.get(code=answer.json()[0]["service_request_id"])
    assert Attachment.objects.get(case_id=case.id).mime == "image/jpeg"
    assert say(key="with-photo", media=SimpleUploadedFile("lamp.jpg", photo)).content == answer.content
    assert say(media=SimpleUploadedFile("lamp.jpg", b"%PDF-1.4")).status_code == 400


@pytest.mark.bar("H7")
def test_h7_nobody_opens_the_address_a_caller_names(say: Any, city: None) -> None:
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]
        for url in (
            f"http://127.0.0.1:{port}/a.jpg",
            f"http://2130706433:{port}/a.jpg",
            f"http://[::ffff:127.0.0.1]:{port}/",
        ):
            assert say(media_url=url).status_code == 200
        with contextlib.suppress(TimeoutError):
            heard.append(listener.accept())
    assert heard == []
