"""Addresses under /exchange/: the centre's pages under at/, and what partners call, signed."""

from __future__ import annotations

from django.urls import path

from minan.channels.exchange import programs, views

app_name = "exchange"
prefix = "exchange/"
urlpatterns = [
    path("", views.home, name="home"),
    path("at/<slug:code>/", views.partner, name="partner"),
    path("at/<slug:code>/preview/", views.preview, name="preview"),
    path("at/<slug:code>/bring/<uuid:pk>/", views.bring, name="bring"),
    path("at/<slug:code>/rejected/<uuid:pk>/", views.rejected, name="rejected"),
    path("at/<slug:code>/again/<uuid:pk>/", views.again, name="again"),
    path("at/<slug:code>/hand/<uuid:pk>/", views.hand, name="hand"),
    path("<slug:partner>/", programs.matters, name="matters"),
    path("<slug:partner>/receipts/", programs.receipts, name="receipts"),
]
