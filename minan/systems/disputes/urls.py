"""Addresses under /disputes/."""

from __future__ import annotations

from django.urls import path

from minan.systems.disputes import filing_views, number_views, views, village_views

app_name = "disputes"
prefix = "disputes/"
urlpatterns = [
    path("apply/", views.apply, name="apply"),
    path("numbers/", number_views.page, name="numbers"),
    path("numbers/numbers.csv", number_views.file, name="numbers_csv"),
    path("villages/", village_views.index, name="villages"),
    path("villages/<str:place>/", village_views.of, name="village"),
    path("apply/place/", views.find, name="find"),
    path("<str:code>/", views.room, name="room"),
    path("<str:code>/<slug:kind>.pdf", filing_views.paper, name="paper"),
    path("<str:code>/file.zip", filing_views.bundle, name="bundle"),
    path("<str:code>/link/", views.link, name="link"),
    path("<str:code>/seal_offer/", views.seal, name="seal"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
