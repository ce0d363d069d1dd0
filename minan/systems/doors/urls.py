"""Addresses under /doors/: a household's, the property's desk, and what phones and doors themselves ask."""

from __future__ import annotations

from django.urls import path

from minan.systems.doors.views import desk, door, guests, home, phone

app_name = "doors"
prefix = "doors/"
urlpatterns = [
    path("", home.mine, name="mine"),
    path("about/", desk.public, name="public"),
    path("join/", home.join, name="join"),
    path("pass/", guests.guest, name="guest"),
    path("paper/", home.paper, name="paper"),
    path("paper/bag/", phone.paper_bag, name="paper_bag"),
    path("key/", phone.key, name="key"),
    path("key/sw.js", phone.worker, name="worker"),
    path("key/daily/", phone.daily, name="daily"),
    path("door/list", door.doors_list, name="list"),
    path("door/lines", door.lines, name="lines"),
    path("door/state", door.state, name="state"),
    path("desk/", desk.doors, name="desk"),
    path("desk/add/", desk.add, name="add"),
    path("desk/enrol/<uuid:compound>/", desk.enrol, name="enrol"),
    path("desk/o/<str:code>/", desk.opening, name="opening"),
    path("desk/<uuid:door>/", desk.door, name="door"),
    path("desk/<uuid:door>/credential/", desk.credential, name="credential"),
    path("desk/<uuid:door>/open/", desk.open_door, name="open"),
    path("<uuid:home>/", home.home, name="home"),
    path("<uuid:home>/invite/", home.invite, name="invite"),
    path("<uuid:home>/pin/", home.pin, name="pin"),
    path("<uuid:home>/drop/", home.drop, name="drop"),
    path("<uuid:home>/leave/", home.leave, name="leave"),
    path("<uuid:home>/code/", home.plain, name="plain"),
    path("<uuid:home>/days/", home.days, name="days"),
    path("<uuid:home>/bag/", phone.bag, name="bag"),
    path("<uuid:home>/phone/", phone.register, name="phone"),
    path("<uuid:home>/new-key/", phone.new_key, name="new_key"),
    path("<uuid:home>/visits/", guests.visits, name="visits"),
    path("<uuid:home>/visits/<str:handle>/", guests.visit, name="visit"),
    path("<uuid:home>/plates/", guests.plates, name="plates"),
]
