"""Addresses of bulletins, the board, events and screens. No secret stands in one of them."""

from __future__ import annotations

from django.urls import path

from minan.systems.bulletins import views, views_desk, views_gathering, views_lost, views_screen

app_name = "bulletins"
urlpatterns = [
    path("bulletins/", views.index, name="index"),
    path("bulletins/place/", views.set_place, name="place"),
    path("bulletins/picture/<uuid:case>/<str:sha>.jpg", views.picture, name="picture"),
    path("bulletins/desk/", views_desk.desk, name="desk"),
    path("bulletins/write/<slug:sort>/", views_desk.write, name="write"),
    path("bulletins/screens/", views_desk.screens_page, name="screens"),
    path("bulletins/screens/<uuid:pk>/off/", views_desk.screen_off, name="screen_off"),
    path("bulletins/<str:code>/", views.one, name="one"),
    path("lost/", views_lost.index, name="lost"),
    path("lost/new/", views_lost.new, name="lost_new"),
    path("lost/prove/", views_lost.prove, name="lost_prove"),
    path("lost/<str:code>/", views_lost.one, name="lost_one"),
    path("lost/<str:code>/message/", views_lost.message, name="lost_message"),
    path("lost/<str:code>/report/", views_lost.report, name="lost_report"),
    path("gatherings/announce/", views_gathering.announce, name="announce"),
    path("gatherings/<str:code>/", views_gathering.one, name="gathering"),
    path("gatherings/<str:code>/door/", views_gathering.door, name="door"),
    path("screen/", views_screen.page, name="screen"),
    path("screen/worker.js", views_screen.worker, name="screen_worker"),
    path("screen/begin", views_screen.begin, name="screen_begin"),
    path("screen/feed", views_screen.feed, name="screen_feed"),
]
