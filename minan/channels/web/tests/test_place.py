"""Where it is: by name, down the list, on the map or in words; below the county a person always confirms."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minan.channels.web.tests.phone import LAMP, VILLAGE, key_on, said
from minan.kernel.models import Place

pytestmark = pytest.mark.django_db

GUAN, TOWN = "131022000000", "131022100000"


def look(client: Client, do: str, **more: str) -> Any:
    return client.post("/say/", {"key": key_on(client), "text": LAMP, "do": do} | more)


def test_she_steps_down_county_town_and_village_without_javascript(wang: Client) -> None:
    page = look(wang, "below", county=GUAN)
    assert '<option value="131022100000">固安镇' in page.content.decode()
    page = look(wang, "below", county=GUAN, town=TOWN)
    assert f'<option value="{VILLAGE}">' in page.content.decode()
    page = look(wang, "below", county=GUAN, town=TOWN, village=VILLAGE)
    assert page.context["saying"].place.place == VILLAGE
    assert LAMP in page.content.decode()


def test_a_town_of_another_county_is_not_taken_over(wang: Client) -> None:
    page = look(wang, "below", county="131023000000", town=TOWN)
    assert page.context["saying"].place.town == ""


def test_she_finds_her_village_by_name_and_confirms_it(wang: Client) -> None:
    page = look(wang, "find", place_q="固安 朝阳")
    assert VILLAGE in [code for code, _name in page.context["saying"].place.choices]
    assert page.context["saying"].place.place == ""  # found is not chosen
    case, _secret = said(wang, place="", place_found=VILLAGE)
    assert case.place == VILLAGE


def test_she_can_take_her_choice_back(wang: Client) -> None:
    page = look(wang, "clear", place=VILLAGE)
    assert page.context["saying"].place.place == ""


def test_a_point_on_the_map_alone_decides_no_more_than_the_county(wang: Client) -> None:
    case, _secret = said(wang, place="", lon="116.2985", lat="39.4382")
    assert case.place == GUAN
    assert (case.lon, case.lat) == (116.2985, 39.4382)
    assert case.desk == "131022-centre"


def test_a_point_outside_the_city_is_told_and_nothing_is_lost(wang: Client) -> None:
    page = wang.post("/say/", {"key": key_on(wang), "text": LAMP, "lon": "121.47", "lat": "31.23"})
    assert page.status_code == 422
    assert "不在本市" in page.content.decode()
    assert LAMP in page.content.decode()


def test_words_alone_lie_with_the_city_as_place_unknown(wang: Client) -> None:
    case, _secret = said(wang, place="", place_words="老供销社门口")
    assert case.marks["place_unknown"] is True
    assert case.place_words == "老供销社门口"


def test_near_proposes_five_villages_and_is_certain_of_the_county_only(
    client: Client, city: None, django_assert_max_num_queries: Any
) -> None:
    client.get("/places/below")  # the city is read into memory once a process
    with django_assert_max_num_queries(12):
        items = client.get("/places/near?lon=116.2985&lat=39.4382").json()["items"]
    assert [row["level"] for row in items] == ["village"] * 5 + ["county"]
    assert [row["certain"] for row in items] == [False] * 5 + [True]
    assert items == client.get("/places/near?near=116.2985,39.4382").json()["items"]
    assert client.get("/places/near?lon=121.47&lat=31.23").json() == {"items": []}
    assert client.get("/places/near?lon=x&lat=1").status_code == 400


def test_below_lists_counties_towns_and_villages(client: Client, city: None) -> None:
    counties = client.get("/places/below").json()["items"]
    assert GUAN in [row["code"] for row in counties]
    assert len(counties) == 11
    assert TOWN in [row["code"] for row in client.get(f"/places/below?code={GUAN}").json()["items"]]
    assert VILLAGE in [row["code"] for row in client.get(f"/places/below?code={TOWN}").json()["items"]]
    assert client.get("/places/below?code=999").status_code == 404


def test_the_outlines_are_those_of_the_counties(client: Client, city: None) -> None:
    shapes = client.get("/places/counties.geojson").json()["features"]
    assert len(shapes) == Place.objects.filter(level="county").exclude(outline=None).count() == 10
    assert {"code", "name"} == set(shapes[0]["properties"])


def test_a_confirmed_place_outweighs_a_press_on_the_map_elsewhere(wang: Client) -> None:
    case, _secret = said(wang, place=VILLAGE, lon="121.47", lat="31.23")
    assert case.place == VILLAGE
    assert case.lon is None
    in_another_county, _secret = said(wang, text="另一件", place=VILLAGE, lon="117.04", lat="39.74")
    assert in_another_county.lon is None
