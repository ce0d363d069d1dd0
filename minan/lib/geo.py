"""Points on the earth: the three coordinate systems in use in China, distance, and reading what a person typed.

Inside Minan every point is WGS-84, longitude first, in degrees. GCJ-02 (Gaode, Tencent, WeChat) and BD-09 (Baidu) are
converted at the edge. Their published inverses are approximate by metres; ours iterate until nothing changes, so that
there and back is under a millimetre.
"""

import math
import re
from collections.abc import Callable

Point = tuple[float, float]

_AXIS = 6378245.0  # Krasovsky 1940, as GCJ-02 uses it
_ECCENTRICITY = 0.00669342162296594323
_BD_PI = math.pi * 3000.0 / 180.0
_MEAN_RADIUS_METRES = 6371008.8
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)


def _in_china(lon: float, lat: float) -> bool:
    return _CHINA[0] <= lon <= _CHINA[2] and _CHINA[1] <= lat <= _CHINA[3]


def _waves(x: float, y: float) -> Point:
    root = math.sqrt(abs(x))
    common = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    return east, north


def gcj02_from_wgs84(lon: float, lat: float) -> Point:
    """WGS-84 → GCJ-02, degrees. Outside the box around China the two are the same."""
    if not _in_china(lon, lat):
        return lon, lat
    east, north = _waves(lon - 105.0, lat - 35.0)
    radians = math.radians(lat)
    magic = 1.0 - _ECCENTRICITY * math.sin(radians) ** 2
    root = math.sqrt(magic)
    d_lat = math.degrees(north) / ((_AXIS * (1.0 - _ECCENTRICITY)) / (magic * root))
    d_lon = math.degrees(east) / (_AXIS / root * math.cos(radians))
    return lon + d_lon, lat + d_lat


def bd09_from_gcj02(lon: float, lat: float) -> Point:
    """GCJ-02 → BD-09, degrees."""
    length = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_PI)
    return length * math.cos(angle) + 0.0065, length * math.sin(angle) + 0.006


def _undo(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """The point that `forward` maps to (lon, lat); each turn shrinks the error some thousandfold."""
    x, y = lon, lat
    for _ in range(20):
        at_lon, at_lat = forward(x, y)
        off_lon, off_lat = lon - at_lon, lat - at_lat
        x, y = x + off_lon, y + off_lat
        if abs(off_lon) + abs(off_lat) < 1e-12:
            break
    return x, y


def wgs84_from_gcj02(lon: float, lat: float) -> Point:
    """GCJ-02 → WGS-84, degrees, exact."""
    return _undo(gcj02_from_wgs84, lon, lat) if _in_china(lon, lat) else (lon, lat)


def gcj02_from_bd09(lon: float, lat: float) -> Point:
    """BD-09 → GCJ-02, degrees, exact."""
    return _undo(bd09_from_gcj02, lon, lat)


def bd09_from_wgs84(lon: float, lat: float) -> Point:
    """WGS-84 → BD-09, degrees."""
    return bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))


def wgs84_from_bd09(lon: float, lat: float) -> Point:
    """BD-09 → WGS-84, degrees, exact."""
    return wgs84_from_gcj02(*gcj02_from_bd09(lon, lat))


def metres(a: Point, b: Point) -> float:
    """The distance of two points on a sphere of mean radius: within 0.6 % of the ellipsoid's."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b[0] - a[0]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * _MEAN_RADIUS_METRES * math.asin(min(1.0, math.sqrt(chord)))


def moved(point: Point, east: float, north: float) -> Point:
    """The point so many metres to the east and north; good for distances of a few kilometres."""
    lon, lat = point
    d_lat = math.degrees(north / _MEAN_RADIUS_METRES)
    return lon + math.degrees(east / (_MEAN_RADIUS_METRES * math.cos(math.radians(lat)))), lat + d_lat


_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,15})?")
_NOISE = re.compile(r"[\s,;:()\[\]，；：、（）°度]|东经|北纬|经度|纬度|lon(?:gitude)?|lng|lat(?:itude)?|[en]")
_LATITUDE_FIRST = re.compile(r"北纬.*东经|纬度.*经度|lat.*(?:lon|lng)|\dn.*\de|\bn.*\be")


def parse(text: str) -> Point | None:
    """Longitude and latitude from text such as "116.29,39.43", "39.43 N 116.29 E", "北纬39.43，东经116.29"; or None.

    Without words longitude comes first, unless only the other way round lies in China. Degrees and minutes are not read.
    """
    if len(text) > 80:
        return None
    line = text.strip().lower().replace("．", ".")
    numbers = _NUMBER.findall(line)
    if len(numbers) != 2 or _NOISE.sub("", _NUMBER.sub("", line)):
        return None
    first, second = float(numbers[0]), float(numbers[1])
    squeezed = line.replace(" ", "").replace("°", "")
    swapped = _in_china(second, first) and not _in_china(first, second)
    lon, lat = (second, first) if _LATITUDE_FIRST.search(squeezed) or swapped else (first, second)
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None
