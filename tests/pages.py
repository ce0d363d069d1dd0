"""Every address of the house with who may see it; a page that is not listed here is not allowed to exist (P1)."""

from __future__ import annotations

from dataclasses import dataclass

# Who a page is for. The matter of the tests lies with 固安镇说事站 (陈静), 固安县路灯管理所 (赵强) and the county's centre (孙丽华).
EVERYONE = (
    "nobody", "resident", "worker", "clerk", "handler", "supervisor", "stranger", "admin", "keeper", "security", "audit",
    "operator",
)  # fmt: skip
SIGNED_IN = EVERYONE[1:]
STAFF = EVERYONE[2:]
TAKERS = ("worker", "clerk", "handler", "supervisor", "stranger", "operator")
OF_CASE = ("clerk", "handler", "supervisor", "operator")  # administrators read none; the city's desk stands over the county's
ABOVE = ("supervisor",)
LEADERS = ("supervisor",)
ADMIN = ("admin", "keeper")
ADMINS = ("admin", "keeper", "security", "audit")
HOTLINE = ("operator",)
SPEAKER = ("speaker",)
LOOPBACK = ("loopback",)
NO_ROW = "01a20606-b8cc-76ec-9a25-a10dc10e851c"  # an id that no row has


@dataclass(frozen=True)
class Row:
    """One address: an example of it, who gets it, and what a reader may find there.

    `path` may name {code}, {photo} and {order} of the matter. `get`: False where only a POST is answered. `about`: "case" where
    the page is a matter's own, and a stranger must not learn that it exists; "code" where the code alone shows state and times.
    `queries`: the most a GET may ask. `csrf`: False where programs call with a token of their own. `found`: statuses besides 200 and 302
    (403 of /account/: who has neither password nor second factor, as the people of the tests, cannot be asked for it again).
    """

    path: str
    who: tuple[str, ...]
    about: str = ""
    get: bool = True
    post: bool = False
    queries: int = 12
    csrf: bool = True
    found: tuple[int, ...] = ()


PAGES: dict[str, Row] = {
    # the shell
    "": Row("/", EVERYONE),
    "login/": Row("/login/", EVERYONE, post=True),
    "logout/": Row("/logout/", EVERYONE, get=False, post=True),
    "language/": Row("/language/", EVERYONE, get=False, post=True),
    "elder/": Row("/elder/", EVERYONE, get=False, post=True),
    "more/": Row("/more/", STAFF),
    "about/": Row("/about/", EVERYONE),
    "offline/": Row("/offline/", EVERYONE),
    "manifest.webmanifest": Row("/manifest.webmanifest", EVERYONE),
    "sw.js": Row("/sw.js", EVERYONE),
    "account/login/": Row("/account/login/", EVERYONE, post=True),
    "account/logout/": Row("/account/logout/", EVERYONE, get=False, post=True),
    "account/again/": Row("/account/again/", SIGNED_IN, post=True, found=(403,)),
    "account/second/": Row("/account/second/", SIGNED_IN),
    "account/second/authenticate/": Row("/account/second/authenticate/", SIGNED_IN, post=True),
    "account/second/reauthenticate/": Row("/account/second/reauthenticate/", SIGNED_IN, post=True, found=(403,)),
    "account/second/totp/activate/": Row("/account/second/totp/activate/", SIGNED_IN, post=True),
    "account/second/totp/deactivate/": Row("/account/second/totp/deactivate/", SIGNED_IN, post=True, found=(404,)),
    "account/second/recovery-codes/": Row("/account/second/recovery-codes/", SIGNED_IN, found=(404,)),
    "account/second/recovery-codes/generate/": Row(
        "/account/second/recovery-codes/generate/", SIGNED_IN, post=True, found=(404,)
    ),
    "account/second/recovery-codes/download/": Row("/account/second/recovery-codes/download/", SIGNED_IN, found=(404,)),
    # whoever speaks
    "say/": Row("/say/", EVERYONE, post=True),
    "say/hints/": Row("/say/hints/", EVERYONE, get=False, post=True),
    "say/place/": Row("/say/place/", EVERYONE, get=False, post=True),
    "say/photo/<str:token>/": Row("/say/photo/none/", EVERYONE, found=(404,)),
    "say/steps/": Row("/say/steps/", EVERYONE, post=True),
    "say/steps/<int:n>/": Row("/say/steps/1/", EVERYONE, post=True),
    "damages/annex.pdf": Row("/damages/annex.pdf", EVERYONE, get=False, post=True),
    "damages/": Row("/damages/", EVERYONE, post=True, queries=4),
    "damages/what-if/": Row("/damages/what-if/", EVERYONE, get=False, post=True, found=(422,)),
    "damages/estimate/": Row("/damages/estimate/", EVERYONE, queries=4),
    "damages/estimate/<slug:side>/<int:n>/": Row("/damages/estimate/victim/1/", EVERYONE, post=True, queries=4),
    "damages/estimate/<slug:side>/result/": Row("/damages/estimate/driver/result/", EVERYONE, queries=4),
    "m/": Row("/m/", EVERYONE, post=True),
    "mine/": Row("/mine/", EVERYONE),
    "mine/rights/": Row("/mine/rights/", SIGNED_IN, post=True),
    "mine/rights/close/": Row("/mine/rights/close/", SIGNED_IN, get=False, post=True),
    "mine/rights/file.<slug:form>": Row("/mine/rights/file.json", SIGNED_IN),
    "m/<str:code>/rights/": Row("/m/{code}/rights/", SPEAKER, "code", post=True),
    "m/<str:code>/rights/file.<slug:form>": Row("/m/{code}/rights/file.json", SPEAKER, "code"),
    "m/<str:code>/": Row("/m/{code}/", EVERYONE, "code", post=True),
    "m/<str:code>/receipt/": Row("/m/{code}/receipt/", SPEAKER, "code"),
    "m/<str:code>/proof/": Row("/m/{code}/proof/", EVERYONE, "code"),
    "m/<str:code>/promise/<int:n>/": Row("/m/{code}/promise/1/", SPEAKER, "code"),
    "m/<str:code>/tell/": Row("/m/{code}/tell/", SPEAKER, "code", post=True),
    "m/<str:code>/forget/": Row("/m/{code}/forget/", EVERYONE, "code", get=False, post=True),
    "m/<str:code>/photo/<uuid:pk>": Row("/m/{code}/photo/{photo}", ("speaker", *OF_CASE), "code"),
    "m/<str:code>/photo/<uuid:pk>/thumb": Row("/m/{code}/photo/{photo}/thumb", ("speaker", *OF_CASE), "code"),
    "m/<str:code>/<slug:name>/": Row("/m/{code}/add/", SPEAKER, "code", post=True),
    "places/counties.geojson": Row("/places/counties.geojson", EVERYONE),
    "places/near": Row("/places/near?lon=116.29&lat=39.43", EVERYONE),
    "places/below": Row("/places/below?code=131022000000", EVERYONE),
    # whoever works
    "desk/": Row("/desk/", STAFF),
    "desk/new/": Row("/desk/new/", TAKERS, post=True),
    "desk/<str:code>/": Row("/desk/{code}/", OF_CASE, "case"),
    "desk/<str:code>/photos/<uuid:photo>/": Row("/desk/{code}/photos/{photo}/", OF_CASE, "case"),
    "desk/new/questions/": Row("/desk/new/questions/?kind=lamp.out", TAKERS),
    "desk/<str:code>/link/": Row("/desk/{code}/link/", (), "case", found=(404,)),  # of a question to somebody outside only
    # open matters of the reader's own desk alone: more in minan/kernel/tests/test_alike.py
    "desk/alike/": Row("/desk/alike/", STAFF),
    "desk/<str:code>/straight/": Row("/desk/{code}/straight/", OF_CASE, "case", get=False, post=True),
    "desk/<str:code>/<slug:step>/": Row("/desk/{code}/note/", OF_CASE, "case", post=True),
    "desk/<str:code>/order/<int:n>/": Row("/desk/{code}/order/{order}/", OF_CASE, "case"),
    "desk/<str:code>/order/<int:n>/pdf/": Row("/desk/{code}/order/{order}/pdf/", OF_CASE, "case"),
    "tasks/": Row("/tasks/", STAFF),
    "tasks/<str:code>/": Row("/tasks/{code}/", OF_CASE, "case"),
    "tasks/<str:code>/<slug:step>/": Row("/tasks/{code}/note/", OF_CASE, "case", post=True),
    # the duty room: what is open for the reader's units; more in minan/kernel/tests/test_duty_room.py
    "duty/": Row("/duty/", STAFF, queries=10),
    "duty/list/": Row("/duty/list/", STAFF, queries=8),
    "duty/<str:code>/<slug:step>/": Row("/duty/{code}/accept/", OF_CASE, "case", get=False, post=True),
    "articles/": Row("/articles/", EVERYONE),
    "board/": Row("/board/", STAFF),
    "board/posted/": Row("/board/posted/", STAFF),
    # a list of the day is its unit's and its issuer's: more in minan/kernel/tests/test_papers.py
    "board/lists/<uuid:pk>/": Row(f"/board/lists/{NO_ROW}/", ()),
    "board/lists/<uuid:pk>/pdf/": Row(f"/board/lists/{NO_ROW}/pdf/", ()),
    "board/lists/<uuid:pk>/read/": Row(f"/board/lists/{NO_ROW}/read/", STAFF, get=False, post=True, found=(404,)),
    "listed/": Row("/listed/", STAFF),
    "board/read/": Row("/board/read/", STAFF, get=False, post=True),
    # whoever holds a signed paper
    "seal/": Row("/seal/", EVERYONE),
    "seal/chain.pem": Row("/seal/chain.pem", EVERYONE),
    # disputes: the matter of these tests is none, and their addresses say so to everybody; more in minan/systems/disputes/tests
    "disputes/apply/": Row("/disputes/apply/", EVERYONE, post=True),
    "disputes/apply/place/": Row("/disputes/apply/place/", EVERYONE, get=False, post=True),
    "disputes/numbers/": Row("/disputes/numbers/", LEADERS),
    "disputes/numbers/numbers.csv": Row("/disputes/numbers/numbers.csv", LEADERS),
    "disputes/villages/": Row("/disputes/villages/", EVERYONE),
    "disputes/villages/<str:place>/": Row("/disputes/villages/131022100010/", EVERYONE, found=(404,)),
    "disputes/<str:code>/seal_offer/": Row("/disputes/{code}/seal_offer/", (), "case", post=True, found=(404,)),
    "disputes/<str:code>/": Row("/disputes/{code}/", (), "case", found=(404,)),
    "disputes/<str:code>/<slug:kind>.pdf": Row("/disputes/{code}/agreement.pdf", (), "case", found=(404,)),
    "disputes/<str:code>/file.zip": Row("/disputes/{code}/file.zip", (), "case", found=(404,)),
    "disputes/<str:code>/link/": Row("/disputes/{code}/link/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "disputes/<str:code>/<slug:step>/": Row("/disputes/{code}/speak/", (), "case", post=True, found=(404,)),
    # accidents: the matter of these tests is none; more in minan/systems/accidents/tests
    "accidents/report/": Row("/accidents/report/", EVERYONE, post=True),
    "accidents/report/place/": Row("/accidents/report/place/", EVERYONE, get=False, post=True),
    "accidents/findings/": Row("/accidents/findings/", STAFF, found=(404,), post=True),
    "accidents/<str:code>/": Row("/accidents/{code}/", (), "case", found=(404,)),
    "accidents/<str:code>/link/": Row("/accidents/{code}/link/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "accidents/<str:code>/print/<slug:what>/": Row("/accidents/{code}/print/reckoning/", (), "case", found=(404,)),
    "accidents/<str:code>/<slug:step>/": Row("/accidents/{code}/reckon/", (), "case", post=True, found=(404,)),
    # care: the matter of these tests is no agreement and no stay; more in minan/systems/care/tests
    "care/": Row("/care/", EVERYONE),
    "care/ask/": Row("/care/ask/", EVERYONE, post=True),
    "care/ask/place/": Row("/care/ask/place/", EVERYONE, get=False, post=True),
    "care/visits/": Row("/care/visits/", STAFF),
    "care/visits/<uuid:pk>/seen/": Row(f"/care/visits/{NO_ROW}/seen/", STAFF, get=False, post=True, found=(404,)),
    "care/beds/": Row("/care/beds/", STAFF),
    "care/stays/apply/": Row("/care/stays/apply/", EVERYONE, post=True),
    "care/stays/<str:code>/": Row("/care/stays/{code}/", (), "case", found=(404,)),
    "care/<str:code>/": Row("/care/{code}/", (), "case", found=(404,)),
    "care/<str:code>/fine/": Row("/care/{code}/fine/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "care/<str:code>/pause/": Row("/care/{code}/pause/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "care/<str:code>/device/": Row("/care/{code}/device/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "care/<str:code>/end/": Row("/care/{code}/end/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "care/<str:code>/hands/": Row("/care/{code}/hands/", (), "case", post=True, found=(404,)),
    # improvements: the matter of these tests is none; more in minan/systems/improvements/tests
    "improvements/": Row("/improvements/", EVERYONE),
    "improvements/mine/": Row("/improvements/mine/", STAFF),
    "improvements/new/": Row("/improvements/new/", STAFF, post=True),
    "improvements/<str:code>/": Row("/improvements/{code}/", (), "case", found=(404,)),
    "improvements/<str:code>/<slug:step>/": Row("/improvements/{code}/note/", (), "case", post=True, found=(404,)),
    # doors: a household's own pages, the property's desk, and what phones and doors ask; more in minan/systems/doors/tests
    "doors/": Row("/doors/", EVERYONE),
    "doors/about/": Row("/doors/about/", EVERYONE),
    "doors/join/": Row("/doors/join/", SIGNED_IN, post=True),
    "doors/pass/": Row("/doors/pass/", EVERYONE),
    "doors/paper/": Row("/doors/paper/", EVERYONE),
    "doors/paper/bag/": Row("/doors/paper/bag/", EVERYONE, get=False, post=True, csrf=False, found=(404,)),
    "doors/key/": Row("/doors/key/", EVERYONE),
    "doors/key/sw.js": Row("/doors/key/sw.js", EVERYONE),
    "doors/key/daily/": Row("/doors/key/daily/", EVERYONE, get=False, post=True, csrf=False, found=(410,)),
    "doors/door/list": Row("/doors/door/list", EVERYONE, found=(401,)),  # a door's own credential, nobody's session
    "doors/door/lines": Row("/doors/door/lines", EVERYONE, get=False, post=True, csrf=False),
    "doors/door/state": Row("/doors/door/state", EVERYONE, get=False, post=True, csrf=False),
    "doors/desk/": Row("/doors/desk/", TAKERS[:-1]),
    "doors/desk/add/": Row("/doors/desk/add/", ("clerk", "supervisor", "stranger"), post=True),
    "doors/desk/enrol/<uuid:compound>/": Row(f"/doors/desk/enrol/{NO_ROW}/", (), post=True, found=(404,)),
    "doors/desk/o/<str:code>/": Row("/doors/desk/o/{code}/", (), "case", post=True, found=(404,)),
    "doors/desk/<uuid:door>/": Row(f"/doors/desk/{NO_ROW}/", (), found=(404,)),
    "doors/desk/<uuid:door>/credential/": Row(f"/doors/desk/{NO_ROW}/credential/", STAFF, get=False, post=True, found=(404,)),
    "doors/desk/<uuid:door>/open/": Row(f"/doors/desk/{NO_ROW}/open/", STAFF, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/": Row(f"/doors/{NO_ROW}/", (), found=(404,)),
    "doors/<uuid:home>/invite/": Row(f"/doors/{NO_ROW}/invite/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/pin/": Row(f"/doors/{NO_ROW}/pin/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/drop/": Row(f"/doors/{NO_ROW}/drop/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/leave/": Row(f"/doors/{NO_ROW}/leave/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/code/": Row(f"/doors/{NO_ROW}/code/", (), found=(404,)),
    "doors/<uuid:home>/days/": Row(f"/doors/{NO_ROW}/days/", (), found=(404,)),
    "doors/<uuid:home>/bag/": Row(f"/doors/{NO_ROW}/bag/", (), found=(404,)),
    "doors/<uuid:home>/phone/": Row(f"/doors/{NO_ROW}/phone/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/new-key/": Row(f"/doors/{NO_ROW}/new-key/", SIGNED_IN, get=False, post=True, found=(404,)),
    "doors/<uuid:home>/visits/": Row(f"/doors/{NO_ROW}/visits/", (), post=True, found=(404,)),
    "doors/<uuid:home>/visits/<str:handle>/": Row(f"/doors/{NO_ROW}/visits/none/", (), found=(404,)),
    "doors/<uuid:home>/plates/": Row(f"/doors/{NO_ROW}/plates/", (), post=True, found=(404,)),
    # bulletins, the board, events, screens: the matter of these tests is none of them; more in minan/systems/bulletins/tests
    "bulletins/": Row("/bulletins/", EVERYONE),
    "bulletins/place/": Row("/bulletins/place/", EVERYONE, get=False, post=True, found=(404,)),
    "bulletins/picture/<uuid:case>/<str:sha>.jpg": Row(f"/bulletins/picture/{NO_ROW}/{'0' * 64}.jpg", EVERYONE, found=(404,)),
    "bulletins/desk/": Row("/bulletins/desk/", STAFF),
    "bulletins/write/<slug:sort>/": Row("/bulletins/write/notice/", TAKERS, post=True),
    "bulletins/screens/": Row("/bulletins/screens/", TAKERS, post=True),
    "bulletins/screens/<uuid:pk>/off/": Row(f"/bulletins/screens/{NO_ROW}/off/", STAFF, get=False, post=True, found=(404,)),
    "bulletins/<str:code>/": Row("/bulletins/{code}/", EVERYONE, "code", found=(404,)),
    "lost/": Row("/lost/", EVERYONE),
    "lost/new/": Row("/lost/new/", EVERYONE, post=True),
    "lost/prove/": Row("/lost/prove/", EVERYONE, get=False, post=True, found=(404,)),
    "lost/<str:code>/": Row("/lost/{code}/", EVERYONE, "code", found=(404,)),
    "lost/<str:code>/message/": Row("/lost/{code}/message/", EVERYONE, "code", get=False, post=True, found=(404,)),
    "lost/<str:code>/report/": Row("/lost/{code}/report/", EVERYONE, "code", get=False, post=True, found=(404,)),
    "gatherings/announce/": Row("/gatherings/announce/", TAKERS, post=True),
    "gatherings/<str:code>/": Row("/gatherings/{code}/", EVERYONE, "code", post=True, found=(404,)),
    "gatherings/<str:code>/door/": Row("/gatherings/{code}/door/", (), "case", post=True, found=(404,)),
    "screen/": Row("/screen/", EVERYONE),
    "screen/worker.js": Row("/screen/worker.js", EVERYONE),
    "screen/begin": Row("/screen/begin", EVERYONE, get=False, post=True, csrf=False),
    "screen/feed": Row("/screen/feed", EVERYONE, csrf=False, found=(401,)),
    # help: by a capability, without a session and a query; then the desk's. The matter of these tests is no call: more in its own tests
    "help/": Row("/help/", EVERYONE, post=True, queries=0, csrf=False, found=(404,)),
    "help/state/": Row("/help/state/", EVERYONE, queries=0, csrf=False),
    "help/false/": Row("/help/false/", EVERYONE, get=False, post=True, csrf=False, found=(404,)),
    "help/keep/": Row("/help/keep/", EVERYONE, post=True, queries=0, csrf=False, found=(404,)),
    "help/forget/": Row("/help/forget/", EVERYONE, get=False, post=True, csrf=False),
    "help/f/<str:token>/": Row("/help/f/aaaaaaaaaaaaaaaaaaaaaa/", EVERYONE, post=True, queries=0, csrf=False, found=(404, 503)),
    "help/k/<str:token>/<slug:channel>/": Row("/help/k/aaaaaaaaaaaaaaaaaaaaaa/sms/", EVERYONE, get=False, post=True, csrf=False),
    "help/enrol/": Row("/help/enrol/", EVERYONE, post=True),
    "help/enrol/place/": Row("/help/enrol/place/", EVERYONE, get=False, post=True),
    "help/p/<str:code>/": Row("/help/p/{code}/", (), "case", found=(404,)),
    "help/p/<str:code>/drill/": Row("/help/p/{code}/drill/", OF_CASE, "case", get=False, post=True, found=(404,)),
    "help/p/<str:code>/<slug:step>/": Row("/help/p/{code}/end/", (), "case", post=True, found=(404,)),
    "help/duty/": Row("/help/duty/", STAFF),
    "help/duty/open/": Row("/help/duty/open/", STAFF),
    "help/duty/me/": Row("/help/duty/me/", STAFF, get=False, post=True),
    "help/duty/drill/": Row("/help/duty/drill/", STAFF, get=False, post=True),
    "help/go/<slug:press>/": Row("/help/go/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", STAFF),
    "help/c/<str:code>/": Row("/help/c/{code}/", (), "case", found=(404,)),
    "help/c/<str:code>/live/": Row("/help/c/{code}/live/", (), "case", found=(404,)),
    "help/c/<str:code>/<slug:step>/": Row("/help/c/{code}/answer/", (), "case", post=True, found=(404,)),
    # boxes: the matter of these tests is no opening of one, and their addresses say so to everybody; more in minan/channels/box/tests
    "box/": Row("/box/", ("worker", "clerk", "stranger"), post=True),
    "box/<uuid:box>/slips/": Row(f"/box/{NO_ROW}/slips/", STAFF, found=(404,), post=True),
    "box/<uuid:box>/open/": Row(f"/box/{NO_ROW}/open/", STAFF, found=(404,), post=True),
    "box/o/<str:code>/": Row("/box/o/{code}/", OF_CASE, "case", found=(404,)),
    "box/o/<str:code>/photos/": Row("/box/o/{code}/photos/", OF_CASE, "case", get=False, post=True),
    "box/o/<str:code>/finish/": Row("/box/o/{code}/finish/", OF_CASE, "case", get=False, post=True),
    "box/o/<str:code>/type/": Row("/box/o/{code}/type/", OF_CASE, "case", found=(404,), post=True),
    "box/o/<str:code>/photo/<uuid:sheet>/": Row(f"/box/o/{{code}}/photo/{NO_ROW}/", OF_CASE, "case", found=(404,)),
    "box/o/<str:code>/<slug:step>/": Row("/box/o/{code}/note/", OF_CASE, "case", get=False, post=True),
    # whoever answers for it
    "supervise/": Row("/supervise/", LEADERS),
    "supervise/cases/": Row("/supervise/cases/", LEADERS),
    "supervise/<str:code>/": Row("/supervise/{code}/", ABOVE, "case", post=True),
    "house/waiting/": Row("/house/waiting/", STAFF),
    "house/waiting/<uuid:pk>/": Row(
        "/house/waiting/01a20606-b8cc-76ec-9a25-a10dc10e851c/", ("admin", "keeper", "security"), get=False, post=True
    ),
    "house/export/": Row("/house/export/", STAFF, get=False, post=True),
    "house/export/<uuid:pk>/": Row(
        "/house/export/01a20606-b8cc-76ec-9a25-a10dc10e851c/", STAFF, get=False, post=True
    ),
    # devices: one's own places; the signs of cameras are for everybody. Whose devices are whose: minan/systems/devices/tests
    "devices/": Row("/devices/", STAFF),
    "devices/new/": Row("/devices/new/", ("clerk", "stranger"), post=True),
    "devices/alarms/": Row("/devices/alarms/", STAFF),
    "devices/waiting/": Row("/devices/waiting/", ("clerk", "stranger")),
    "devices/waiting/<slug:device>/drop/": Row("/devices/waiting/none/drop/", (), get=False, post=True),
    "devices/cameras/": Row("/devices/cameras/", STAFF),
    "devices/cameras/places/": Row("/devices/cameras/places/", EVERYONE),
    "devices/cameras/<str:place>/": Row("/devices/cameras/131022100010/", EVERYONE),
    "devices/look/<str:code>/": Row("/devices/look/{code}/", OF_CASE, "case", post=True),
    "devices/<slug:device>/": Row("/devices/none-such/", (), found=(404,)),
    "devices/<slug:device>/key/": Row("/devices/none-such/key/", (), get=False, post=True),
    "devices/<slug:device>/retire/": Row("/devices/none-such/retire/", (), get=False, post=True),
    "house/limits/": Row("/house/limits/", EVERYONE),
    "house/people/": Row("/house/people/", ("supervisor",), post=True),
    "house/people/<int:pk>/end/": Row("/house/people/1/end/", ("supervisor",), get=False, post=True),
    "house/register/": Row("/house/register/", ("audit",)),
    "house/holds/": Row("/house/holds/", ("security",), post=True),
    "rights/": Row("/rights/", EVERYONE),
    "admin/": Row("/admin/", ADMINS),
    "admin/notices/": Row("/admin/notices/", ADMINS),
    "admin/<slug:name>/": Row("/admin/kinds/", ADMIN),
    "admin/<slug:name>/<str:pk>/": Row("/admin/kinds/lamp.out/", ADMIN, post=True),
    "admin/rulebook/": Row("/admin/rulebook/", ADMIN, post=True),
    "admin/rulebook/out/": Row("/admin/rulebook/out/", ADMIN),
    "admin/rulebook/<uuid:pk>/": Row("/admin/rulebook/00000000-0000-7000-8000-000000000000/", ADMIN, found=(404,)),
    "admin/calendar/<int:year>/": Row("/admin/calendar/2026/", ADMIN, post=True),
    "admin/people/<int:pk>/password/": Row("/admin/people/1/password/", ("security",), get=False, post=True),
    # the log, read by whoever wants to check it
    "proof/": Row("/proof/", EVERYONE),
    "proof/extract.zip": Row("/proof/extract.zip", EVERYONE, found=(503,)),
    "proof/figures.py": Row("/proof/figures.py", EVERYONE),
    "proof/checkpoint": Row("/proof/checkpoint", EVERYONE, csrf=False),
    "proof/checkpoints": Row("/proof/checkpoints?since=0", EVERYONE, csrf=False),
    "proof/key": Row("/proof/key", EVERYONE, csrf=False),
    "proof/consistency": Row("/proof/consistency?from=1&to=2", EVERYONE, csrf=False),
    "proof/leaves": Row("/proof/leaves?from=0&to=1", EVERYONE, csrf=False),
    "proof/cosign": Row("/proof/cosign", EVERYONE, get=False, post=True, csrf=False),
    "proof/receipt/<str:code>": Row("/proof/receipt/{code}", SPEAKER, "case", get=False, post=True, csrf=False),
    "proof/witnesses": Row("/proof/witnesses", EVERYONE),
    "proof/verifier.html": Row("/proof/verifier.html", EVERYONE),
    # other systems' matters, for the centres
    "exchange/": Row("/exchange/", ABOVE),
    "exchange/at/<slug:code>/": Row("/exchange/at/hotline12345/", ABOVE),
    "exchange/at/<slug:code>/preview/": Row("/exchange/at/hotline12345/preview/", ABOVE, get=False, post=True),
    "exchange/at/<slug:code>/bring/<uuid:pk>/": Row(
        "/exchange/at/hotline12345/bring/01a20606-b8cc-76ec-9a25-a10dc10e851c/", ABOVE, get=False, post=True
    ),
    "exchange/at/<slug:code>/rejected/<uuid:pk>/": Row(
        "/exchange/at/hotline12345/rejected/01a20606-b8cc-76ec-9a25-a10dc10e851c/", ABOVE, get=False, post=True
    ),
    "exchange/at/<slug:code>/again/<uuid:pk>/": Row(
        "/exchange/at/hotline12345/again/01a20606-b8cc-76ec-9a25-a10dc10e851c/", ABOVE, get=False, post=True
    ),
    "exchange/at/<slug:code>/hand/<uuid:pk>/": Row(
        "/exchange/at/hotline12345/hand/01a20606-b8cc-76ec-9a25-a10dc10e851c/", ABOVE, get=False, post=True
    ),
    "exchange/<slug:partner>/": Row("/exchange/hotline12345/", EVERYONE, get=False, post=True, csrf=False),
    "exchange/<slug:partner>/receipts/": Row("/exchange/hotline12345/receipts/", EVERYONE, get=False, post=True, csrf=False),
    # the hotline
    "hotline/": Row("/hotline/", HOTLINE, post=True),
    "hotline/hints/": Row("/hotline/hints/", HOTLINE, get=False, post=True),
    "hotline/line/": Row("/hotline/line/", HOTLINE),
    "hotline/number/": Row("/hotline/number/", HOTLINE, get=False, post=True, found=(404,)),
    "hotline/agree/": Row("/hotline/agree/", HOTLINE, get=False, post=True, found=(404,)),
    "hotline/drop/": Row("/hotline/drop/", HOTLINE, get=False, post=True),
    "hotline/own/<str:code>/<slug:step>/": Row("/hotline/own/{code}/urge/", HOTLINE, "case", get=False, post=True, found=(404,)),
    "hotline/demo/": Row("/hotline/demo/", HOTLINE, get=False, post=True, found=(404,)),
    "hotline/cti/": Row("/hotline/cti/", EVERYONE, get=False, post=True, csrf=False, found=(404,)),
    # programs
    "healthz": Row("/healthz", EVERYONE, found=(503,)),
    "metrics": Row("/metrics", LOOPBACK, queries=20),
    # the field: a phone's key or, to read, who is signed in; what goes up needs the key
    "field/": Row("/field/", EVERYONE),
    "field/sw.js": Row("/field/sw.js", EVERYONE),
    "field/who/": Row("/field/who/", STAFF),
    "field/device/": Row("/field/device/", STAFF, get=False, post=True),
    "field/device/longer/": Row("/field/device/longer/", EVERYONE, get=False, post=True, csrf=False),
    "field/device/end/": Row("/field/device/end/", EVERYONE, get=False, post=True, csrf=False),
    "field/pack/": Row("/field/pack/", STAFF, queries=4),
    "field/lists/": Row("/field/lists/", STAFF, queries=4),
    "field/cases/<str:code>/": Row("/field/cases/{code}/", OF_CASE, "case", queries=8),
    "field/records/": Row("/field/records/", EVERYONE, get=False, post=True, csrf=False),
    "api/v1/cases": Row("/api/v1/cases", SIGNED_IN, post=True, queries=4, csrf=False),
    "api/v1/cases/<str:code>": Row("/api/v1/cases/{code}", OF_CASE, "case", queries=6, csrf=False),
    "api/v1/cases/<str:code>/steps/<str:step>": Row(
        "/api/v1/cases/{code}/steps/note", OF_CASE, "case", get=False, post=True, csrf=False
    ),
    "api/v1/counts": Row("/api/v1/counts", ("clerk", "supervisor", "stranger"), queries=4, csrf=False),
    "api/v1/damages": Row("/api/v1/damages", SIGNED_IN, get=False, post=True, csrf=False),
    "api/v1/places": Row("/api/v1/places?near=116.29,39.43", SIGNED_IN, queries=4, csrf=False),
    "api/v1/openapi.json": Row("/api/v1/openapi.json", EVERYONE, queries=4, csrf=False),
    "api/v1/<path:rest>": Row("/api/v1/nothing", (), csrf=False, post=True),
    "open311/discovery.<open311format:form>": Row("/open311/discovery.json", EVERYONE, csrf=False),
    "open311/v2/discovery.<open311format:form>": Row("/open311/v2/discovery.xml", EVERYONE, csrf=False),
    "open311/v2/services.<open311format:form>": Row("/open311/v2/services.json", EVERYONE, csrf=False),
    "open311/v2/services/<str:code>.<open311format:form>": Row(
        "/open311/v2/services/lamp.out.json", EVERYONE, csrf=False
    ),
    "open311/v2/requests.<open311format:form>": Row("/open311/v2/requests.json", EVERYONE, csrf=False, post=True),
    "open311/v2/requests/<str:code>.<open311format:form>": Row(
        "/open311/v2/requests/{code}.json", EVERYONE, "code", csrf=False
    ),
    "open311/v2/tokens/<str:token>.<open311format:form>": Row(
        "/open311/v2/tokens/{code}.json", EVERYONE, "code", csrf=False
    ),
    # health emergencies: without a mode nothing is there (minan/systems/emergencies/tests/test_pages.py has one that is on)
    "emergencies/": Row("/emergencies/", EVERYONE, found=(404,)),
    "emergencies/record/": Row("/emergencies/record/", EVERYONE, found=(404,)),
    "emergencies/ask/": Row("/emergencies/ask/", EVERYONE, post=True, found=(404,)),
    "emergencies/propose/": Row("/emergencies/propose/", LEADERS, post=True),
    "emergencies/<str:code>/": Row("/emergencies/{code}/", (), "case"),
    "emergencies/<str:code>/voice/<int:n>/": Row("/emergencies/{code}/voice/2/", (), "case"),
    "emergencies/<str:code>/<slug:step>/": Row("/emergencies/{code}/say/", (), "case", post=True),
    # local services: the orders, jobs and desks of shops are found by their own links alone (minan/systems/services/tests)
    "services/": Row("/services/", EVERYONE),
    "services/apply/": Row("/services/apply/", EVERYONE, post=True),
    "services/own/<str:code>/": Row("/services/own/{code}/", (), "case"),
    "services/own/<str:code>/link/": Row("/services/own/{code}/link/", (), "case", post=True),
    "services/own/<str:code>/<slug:step>/": Row("/services/own/{code}/edit/", (), "case", post=True),
    "services/own/<str:code>/job/<str:ordered>/": Row("/services/own/{code}/job/{code}/", (), "code"),
    "services/own/<str:code>/job/<str:ordered>/<slug:step>/": Row(
        "/services/own/{code}/job/{code}/shop_takes/", (), "code", post=True
    ),
    "services/order/<str:code>/": Row("/services/order/{code}/", (), "code"),
    "services/order/<str:code>/<slug:step>/": Row("/services/order/{code}/cancel/", (), "code", post=True),
    "services/<str:code>/": Row("/services/{code}/", EVERYONE, found=(404,)),
    "services/<str:code>/order/": Row("/services/{code}/order/", EVERYONE, post=True, found=(404,)),
}

# Only in the demo's own resolver, behind settings.DEMO; each answers 404 elsewhere (minan/shell/tests/test_signin.py).
DEMO = ("demo/", "demo/<str:username>/", "components/", "components/desk/")
