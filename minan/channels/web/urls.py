"""Addresses of the resident's pages. A secret never stands in one of them."""

from __future__ import annotations

from django.urls import path

from minan.channels.web.views import damages, damages_annex, estimate, follow, photos, places, proof, rights, say, tell

app_name = "web"
urlpatterns = [
    path("say/", say.say, name="say"),
    path("say/hints/", say.hints, name="hints"),
    path("say/place/", say.place, name="place"),
    path("say/photo/<str:token>/", say.photo, name="staged"),
    path("say/steps/", say.steps, name="steps_begin"),
    path("say/steps/<int:n>/", say.steps, name="steps"),
    path("damages/", damages.page, name="damages"),
    path("damages/what-if/", damages.what_if, name="damages_what_if"),
    path("damages/estimate/", estimate.start, name="estimate"),
    path("damages/estimate/<slug:side>/<int:n>/", estimate.step, name="estimate_step"),
    path("damages/estimate/<slug:side>/result/", estimate.result, name="estimate_result"),
    path("damages/annex.pdf", damages_annex.paper, name="damages_annex"),
    path("m/", follow.find, name="follow"),
    path("mine/", follow.mine, name="mine"),
    path("mine/rights/", rights.mine, name="mine_rights"),
    path("mine/rights/close/", rights.close, name="close_account"),
    path("mine/rights/file.<slug:form>", rights.take_mine, name="take_mine"),
    path("m/<str:code>/", follow.follow, name="matter"),
    path("m/<str:code>/rights/", rights.page, name="rights"),
    path("m/<str:code>/rights/file.<slug:form>", rights.take, name="take"),
    path("m/<str:code>/receipt/", follow.receipt, name="receipt"),
    path("m/<str:code>/proof/", proof.page, name="proof"),
    path("m/<str:code>/promise/<int:n>/", proof.promise, name="promise"),
    path("m/<str:code>/tell/", tell.page, name="tell"),
    path("m/<str:code>/forget/", follow.forget, name="forget"),
    path("m/<str:code>/photo/<uuid:pk>", photos.photo, name="photo"),
    path("m/<str:code>/photo/<uuid:pk>/thumb", photos.photo, {"small": True}, name="thumb"),
    path("m/<str:code>/<slug:name>/", follow.step, name="step"),
    path("places/counties.geojson", places.counties, name="counties"),
    path("places/near", places.near, name="near"),
    path("places/below", places.below, name="below"),
]
