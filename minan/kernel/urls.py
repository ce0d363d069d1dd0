"""Addresses of the kernel: is it alive, what Prometheus asks, and the staff's working pages, the same for every procedure."""

from __future__ import annotations

from django.urls import include, path

from minan.kernel import health, metrics
from minan.kernel.pages import (
    alike,
    articles_page,
    board,
    desk,
    duty,
    intake,
    kin,
    phone,
    photos,
    posted,
    seal_page,
    steps,
)

app_name = "kernel"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("desk/", desk.inbox, name="desk"),
    path("desk/new/", intake.new, name="new"),
    path("desk/new/questions/", intake.questions, name="new_questions"),
    path("desk/alike/", alike.page, name="alike"),
    path("desk/<str:code>/", desk.opened, name="desk_case"),
    path("desk/<str:code>/photos/<uuid:photo>/", photos.photo, name="photo"),
    path("desk/<str:code>/link/", kin.link, name="link"),
    path("desk/<str:code>/straight/", steps.straight_through, name="straight"),
    path("desk/<str:code>/<slug:step>/", steps.take, {"face": "desk"}, name="desk_step"),
    path("tasks/", phone.tasks, name="tasks"),
    path("tasks/<str:code>/", phone.task, name="tasks_case"),
    path("tasks/<str:code>/<slug:step>/", steps.take, {"face": "tasks"}, name="tasks_step"),
    path("duty/", duty.screen, name="duty"),
    path("duty/list/", duty.listed, name="duty_list"),
    path("duty/<str:code>/<slug:step>/", duty.take, name="duty_take"),
    path("board/", board.board, name="board"),
    path("board/read/", board.read, name="read"),
    path("board/posted/", posted.posted, name="posted"),
    path("articles/", articles_page.page, name="articles"),
    path("seal/", seal_page.page, name="seal"),
    path("seal/chain.pem", seal_page.chain, name="seal_chain"),
    path("", include("minan.kernel.pages.office_urls")),
]
