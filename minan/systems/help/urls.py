"""Addresses under /help/. Those of `bare` answer while the records are away: by a capability, without a session."""

from __future__ import annotations

from django.urls import path

from minan.systems.help import call_views, duty_views, enrol_views, pressing

app_name = "help"
prefix = "help/"
bare = ("help/$", "help/state/", "help/false/", "help/keep/", "help/f/", "help/k/", "help/forget/")
urlpatterns = [
    path("", pressing.press, name="press"),
    path("state/", pressing.state, name="state"),
    path("false/", pressing.mistake, name="false"),
    path("keep/", pressing.keep, name="keep"),
    path("forget/", pressing.forget, name="forget"),
    path("f/<str:token>/", pressing.link, name="link"),
    path("k/<str:token>/<slug:channel>/", pressing.seen, name="seen"),
    path("enrol/", enrol_views.enrol, name="enrol"),
    path("enrol/place/", enrol_views.find, name="find"),
    path("p/<str:code>/", enrol_views.person, name="person"),
    path("p/<str:code>/drill/", enrol_views.drill, name="person_drill"),
    path("p/<str:code>/<slug:step>/", enrol_views.take, name="person_step"),
    path("duty/", duty_views.duty, name="duty"),
    path("duty/open/", duty_views.calls, name="calls"),
    path("duty/me/", duty_views.me, name="me"),
    path("duty/drill/", duty_views.drill, name="duty_drill"),
    path("go/<slug:press>/", call_views.go, name="go"),
    path("c/<str:code>/", call_views.call, name="call"),
    path("c/<str:code>/live/", call_views.live, name="live"),
    path("c/<str:code>/<slug:step>/", call_views.take, name="take"),
]
