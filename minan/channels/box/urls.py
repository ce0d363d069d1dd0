"""Addresses under /box/: a point's boxes, their slips, and each opening. All are the staff's; a stranger finds nothing."""

from __future__ import annotations

from django.urls import path

from minan.channels.box import pages, taking_in

app_name = "box"
prefix = "box/"
urlpatterns = [
    path("", pages.boxes, name="boxes"),
    path("<uuid:box>/slips/", pages.slips, name="slips"),
    path("<uuid:box>/open/", pages.begin, name="begin"),
    path("o/<str:code>/", pages.opening, name="opening"),
    path("o/<str:code>/photos/", taking_in.photos, name="photos"),
    path("o/<str:code>/finish/", taking_in.finish, name="finish"),
    path("o/<str:code>/type/", taking_in.typing, name="type"),
    path("o/<str:code>/photo/<uuid:sheet>/", taking_in.photo, name="photo"),
    path("o/<str:code>/<slug:step>/", pages.step, name="step"),
]
