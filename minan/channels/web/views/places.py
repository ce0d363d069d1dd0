"""Places for whoever fills a form: county outlines, what is near a point, what lies below a place. Public, about no person."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from minan.channels.web import where
from minan.channels.web.address import allowed
from minan.kernel import directory, places
from minan.kernel.models import Place
from minan.kernel.place_tree import Found


@lru_cache(maxsize=1)
def _outlines(stamp: int) -> dict[str, Any]:
    rows = Place.objects.filter(level="county", until=None).exclude(outline=None).order_by("code")
    shapes = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": outline}
        for code, name, outline in rows.values_list("code", "name", "outline")
    ]
    return {"type": "FeatureCollection", "features": shapes}


@require_GET
@cache_control(public=True, max_age=3600)
def counties(request: HttpRequest) -> HttpResponse:
    """The counties' outlines as GeoJSON."""
    return JsonResponse(_outlines(directory.city().stamp), content_type="application/geo+json")


def _row(found: Found) -> dict[str, Any]:
    name = directory.place_name(found.code, full=True)
    if found.certain:
        label = _("都不是，只知道在%(place)s") % {"place": name} if found.level == "county" else name
        how = ""
    else:
        label, how = name, _("约 %(km).1f 公里，位置是大概的") % {"km": (found.metres or 0) / 1000}
    return {
        "code": found.code, "name": found.name, "label": label, "level": found.level, "how": found.how, "how_label": how,
        "metres": found.metres, "certain": found.certain,
    }  # fmt: skip


def _point(request: HttpRequest) -> tuple[float, float] | None:
    """From ?lon=&lat=, or ?near=lon,lat as the JSON API has it."""
    pair = (
        request.GET.get("near", "").split(",")
        if "near" in request.GET
        else [request.GET.get("lon", ""), request.GET.get("lat", "")]
    )
    try:
        lon, lat = (float(value) for value in pair)
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


@require_GET
def near(request: HttpRequest) -> HttpResponse:
    """The nearest five villages, proposed only, then the county its outline makes certain; [] outside the city."""
    point = _point(request)
    if point is None:
        return JsonResponse({"title": _("要 lon 和 lat 两个数")}, status=400)
    if not allowed(request, "look"):
        return JsonResponse({"title": _("按得太快了")}, status=429)
    return JsonResponse({"items": [_row(found) for found in places.find(*point) if found.level != "city"]})


@require_GET
def below(request: HttpRequest) -> HttpResponse:
    """The places just below ?code=, the counties without it; 404 for a code nobody knows."""
    code = request.GET.get("code", "")
    if code and code not in directory.city().places:
        return JsonResponse({"items": []}, status=404)
    return JsonResponse({"items": [{"code": s.code, "name": s.name, "level": s.level} for s in where.below(code)]})
