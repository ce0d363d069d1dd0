"""Addresses of the hotline. No number stands in one of them."""

from __future__ import annotations

from django.urls import path

from minan.channels.hotline import views, views_cti

app_name = "hotline"
prefix = "hotline/"
urlpatterns = [
    path("", views.screen, name="screen"),
    path("hints/", views.hints, name="hints"),
    path("line/", views.on_the_line, name="line"),
    path("number/", views.number, name="number"),
    path("agree/", views.agree, name="agree"),
    path("drop/", views.drop, name="drop"),
    path("own/<str:code>/<slug:step>/", views.own_step, name="own"),
    path("cti/", views_cti.cti, name="cti"),
    path("demo/", views_cti.demo, name="demo"),
]
