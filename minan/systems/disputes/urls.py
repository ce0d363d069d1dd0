"""Addresses under /disputes/."""

from __future__ import annotations

from django.urls import path

from minan.systems.disputes import filing_views, views

app_name = "disputes"
prefix = "disputes/"
urlpatterns = [
    path("apply/", views.apply, name="apply"),
    path("apply/place/", views.find, name="find"),
    path("<str:code>/", views.room, name="room"),
    path("<str:code>/<slug:kind>.pdf", filing_views.paper, name="paper"),
    path("<str:code>/file.zip", filing_views.bundle, name="bundle"),
    path("<str:code>/link/", views.link, name="link"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
