"""Addresses of the supervisor's and the administrator's pages, and of orders as papers."""

from __future__ import annotations

from django.urls import path

from minan.kernel.pages import (
    admin_pages,
    exports,
    house_pages,
    kept_pages,
    notices_page,
    paper_pages,
    rulebook_pages,
    supervise,
)

urlpatterns = [
    path("supervise/", supervise.overview, name="supervise"),
    path("supervise/cases/", supervise.cases, name="supervise_cases"),
    path("supervise/<str:code>/", supervise.order, name="supervise_order"),
    path("desk/<str:code>/order/<int:n>/", paper_pages.order, name="order_paper"),
    path("desk/<str:code>/order/<int:n>/pdf/", paper_pages.order_pdf, name="order_pdf"),
    path("board/lists/<uuid:pk>/", paper_pages.reminder, name="reminder"),
    path("board/lists/<uuid:pk>/pdf/", paper_pages.reminder_pdf, name="reminder_pdf"),
    path("board/lists/<uuid:pk>/read/", paper_pages.reminder_read, name="reminder_read"),
    path("listed/", paper_pages.listed, name="listed"),
    path("house/waiting/", house_pages.waiting, name="house_waiting"),
    path("house/waiting/<uuid:pk>/", house_pages.decide, name="house_decide"),
    path("house/export/", exports.export, name="export"),
    path("house/export/<uuid:pk>/", exports.fetch, name="export_fetch"),
    path("house/limits/", house_pages.limits, name="house_limits"),
    path("house/people/", house_pages.people, name="house_people"),
    path("house/people/<int:pk>/end/", house_pages.end_post, name="house_end"),
    path("house/register/", house_pages.read_register, name="house_register"),
    path("house/holds/", kept_pages.holds, name="holds"),
    path("rights/", kept_pages.kept, name="rights"),
    path("admin/", admin_pages.home, name="admin"),
    path("admin/rulebook/", rulebook_pages.book, name="rulebook"),
    path("admin/rulebook/out/", rulebook_pages.out, name="rulebook_out"),
    path("admin/rulebook/<uuid:pk>/", rulebook_pages.proposed, name="rulebook_look"),
    path("admin/calendar/<int:year>/", admin_pages.calendar, name="admin_calendar"),
    path("admin/people/<int:pk>/password/", admin_pages.password, name="admin_password"),
    path("admin/notices/", notices_page.page, name="admin_notices"),
    path("admin/<slug:name>/", admin_pages.table, name="admin_table"),
    path("admin/<slug:name>/<str:pk>/", admin_pages.row, name="admin_row"),
]
