"""A point comes back from Gaode's and Baidu's coordinates to where it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minan.lib import geo

GUAN = (116.2987, 39.4382)
in_china = st.tuples(st.floats(73.5, 135.0), st.floats(18.2, 53.5))


@settings(max_examples=500)
@given(in_china)
def test_there_and_back_is_under_a_millimetre(point: geo.Point) -> None:
    assert geo.metres(geo.wgs84_from_gcj02(*geo.gcj02_from_wgs84(*point)), point) < 0.001
    assert geo.metres(geo.wgs84_from_bd09(*geo.bd09_from_wgs84(*point)), point) < 0.001
    assert geo.metres(geo.gcj02_from_wgs84(*geo.wgs84_from_gcj02(*point)), point) < 0.001
    assert geo.metres(geo.bd09_from_wgs84(*geo.wgs84_from_bd09(*point)), point) < 0.001


def test_known_points_are_where_the_maps_show_them() -> None:
    # 天安门, as published by several converters to five decimals
    lon, lat = geo.gcj02_from_wgs84(116.39123, 39.90720)
    assert (lon, lat) == pytest.approx((116.39747, 39.90860), abs=2e-5)
    lon, lat = geo.bd09_from_gcj02(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)
    lon, lat = geo.gcj02_from_wgs84(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_offset_in_langfang_is_some_hundreds_of_metres() -> None:
    assert 300 < geo.metres(GUAN, geo.gcj02_from_wgs84(*GUAN)) < 900


def test_outside_china_nothing_is_moved() -> None:
    assert geo.gcj02_from_wgs84(2.35, 48.85) == (2.35, 48.85) == geo.wgs84_from_gcj02(2.35, 48.85)


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    assert geo.metres((116, 39), (116, 40)) == pytest.approx(111_195, abs=50)
    assert geo.metres(GUAN, GUAN) == 0
    assert geo.metres(GUAN, geo.moved(GUAN, 300, -400)) == pytest.approx(500, abs=0.5)


@pytest.mark.parametrize(
    "typed",
    [
        "116.2987,39.4382", "116.2987 39.4382", "116.2987，39.4382", "39.4382, 116.2987", "39.4382N 116.2987E",
        "116.2987°E, 39.4382°N", "东经116.2987度 北纬39.4382度", "北纬39.4382，东经116.2987", "(116.2987; 39.4382)",
        "lat: 39.4382 lon: 116.2987", "lng 116.2987, lat 39.4382",
    ],
)  # fmt: skip
def test_clerk_types_a_point_in_any_usual_way(typed: str) -> None:
    assert geo.parse(typed) == GUAN


@pytest.mark.parametrize(
    "typed", ["", "固安镇", "116.3", "1,2,3", "116.3,95.1,", "nan,nan", "181,10", "116.3;drop 39", "1e5,3"]
)
def test_what_is_no_point_is_none(typed: str) -> None:
    assert geo.parse(typed) is None


@given(st.text(max_size=90))
def test_whatever_is_typed_gives_a_point_or_none(typed: str) -> None:
    point = geo.parse(typed)
    assert point is None or (-180 <= point[0] <= 180 and -90 <= point[1] <= 90)
