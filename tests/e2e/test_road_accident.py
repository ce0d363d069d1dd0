"""The model case in a real browser: from the first matter to both receipts, by rider, driver, mediator, insurer, police and court clerk,
each at their own screen; the next township's clerk and a mediator of another committee find nothing at any point."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.acts import Said
from tests.e2e.browser import DESK, PHONE, Browsers, keep, token
from tests.e2e.city import ROOT, City
from tests.e2e.prepare import PASSWORD

TOLD = "骑电动车过路口被小车撞了，断了六根肋骨，家里拿不出住院的钱"


def today() -> date:
    """The day in the city."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def sign_in(page: Page, username: str) -> Page:
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form button.btn--main").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def fill(page: Page, form: str, given: dict[str, Any]) -> None:
    """Whatever sort of field each is."""
    for name, value in given.items():
        field = page.locator(f"{form} [name={name}]")
        kind = field.first.evaluate("e => e.type || e.tagName.toLowerCase()")
        if kind == "radio":
            page.locator(f"{form} [name={name}][value='{value}']").check()
        elif kind == "checkbox":
            field.check()
        elif kind.startswith("select"):
            field.select_option(str(value))
        else:
            field.fill(str(value))


def act(page: Page, path: str, step: str, shot: str = "", **given: Any) -> None:
    """On the page of a case press the button of a step, fill its form, send it."""
    page.goto(path)
    button = page.locator(f"#do a[href*='step={step}']").first
    button.evaluate("e => e.click()")  # it may lie in the fold
    page.wait_for_url(lambda url: f"step={step}" in url)
    fill(page, "#do form", given)
    if shot:
        keep(page, shot)
    page.locator("#do form [data-main]").click()
    expect(page.locator(".banner--green").first).to_be_visible()


def until(page: Page, path: str, words: str) -> None:
    """Look again until the page says it: what one case tells another goes by the worker."""
    for _ in range(60):
        page.goto(path)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{path} never said {words}")


def under(page: Page, path: str, name: str) -> str:
    """The code of a case named on the page of an accident."""
    page.goto(path)
    found = page.locator("section[aria-labelledby=h-kin] li a", has_text=name).first.get_attribute("href") or ""
    code = re.search(r"/desk/([0-9A-Z]{15})/", found)
    assert code, (name, found)
    return code[1]


def of_mine(page: Page, words: str) -> str:
    """The code of the first case on a desk or among the tasks that says these words."""
    page.goto("/tasks/")
    link = page.locator("a[href*='/tasks/']", has_text=words).first
    code = re.search(r"/tasks/([0-9A-Z]{15})/", link.get_attribute("href") or "")
    assert code
    return code[1]


def link_on(page: Page, form: str) -> str:
    """The link of a side as the mediator hands it over."""
    page.locator(f"form[action='{form}'] button").click()
    found = re.search(r"/m/[0-9A-Z]{15}/#[0-9A-Z]{26}", page.locator("article.doc .hash").inner_text())
    assert found
    return found[0]


def opened(page: Page, link: str) -> str:
    """A link opened on somebody's phone; the address they stand on."""
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_url(lambda url: "/disputes/" in url or "/accidents/" in url)
    return "/" + page.url.split("/", 3)[3].split("?")[0].split("#")[0]


def digits(city: City, code: str) -> str:
    """What the text message says; the gateway of these tests sends nothing."""
    command = [sys.executable, "-m", "tests.e2e.digits", code]
    done = subprocess.run(command, cwd=ROOT, env=city.environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()[-6:]


class Outsiders:
    """周敏 of the next township and a mediator of another committee, who try every door of it."""

    def __init__(self, browsers: Browsers) -> None:
        self.pages = [browsers.enter("stranger", DESK), sign_in(browsers.fresh(DESK), "gong.med")]
        for page in self.pages:
            page.goto("/desk/")

    def find_nothing(self, *codes: str) -> None:
        for page in self.pages:
            ask, sent = page.request, {"csrfmiddlewaretoken": token(page), "words": "看看"}
            for code in codes:
                rooms = ("desk", "tasks", "accidents", "disputes")
                doors = [*(f"/{room}/{code}/" for room in rooms), f"/accidents/{code}/print/reckoning/"]
                assert {door: ask.get(door).status for door in doors} == dict.fromkeys(doors, 404)
                for step in ("accidents/{}/link", "disputes/{}/link", "disputes/{}/speak", "accidents/{}/no_money"):
                    door = f"/{step.format(code)}/"
                    assert ask.post(door, form=sent, headers={"Referer": page.url}).status == 404, door
                assert f"/{code}/" not in ask.get(f"/desk/?q={code}").text()


def she_says_it(page: Page) -> Said:
    """On her phone, in the words she has."""
    page.goto("/")
    page.locator(".say__go").click()
    page.locator("#id_text").fill(TOLD)
    page.get_by_text("找到是哪个村、哪个社区").click()
    page.fill("#place_q", "固安镇 朝阳社区")
    page.get_by_role("button", name="找", exact=True).click()
    page.locator("input[name=place_found]").first.check()
    page.get_by_role("button", name="就是这个").click()
    expect(page.locator("#place-list b")).to_contain_text("固安县固安镇朝阳社区")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    return acts.receipt_of(page)


def the_clerk_files_it(page: Page, said: Said) -> None:
    page.goto(f"/desk/{said.code}/accident/")
    page.locator(".step__form").wait_for()
    fill(page, ".step__form", {"words": "孙长河开车撞了她，人在县医院", "no_money": "true"})
    page.locator(".step__form [data-main]").click()
    acts.taken(page)


def test_from_the_first_matter_to_both_receipts(browsers: Browsers) -> None:
    city = browsers.city
    outsiders = Outsiders(browsers)
    rider = browsers.fresh(PHONE)
    said = she_says_it(rider)
    the_clerk_files_it(browsers.enter("clerk", DESK), said)

    # her one link opens the matter, the accident and her side of the dispute
    rider.goto("about:blank")
    rider.goto(said.link)
    hrefs = [a.get_attribute("href") or "" for a in rider.locator("main a[href^='/m/']").all()]
    places = [opened(rider, href) for href in dict.fromkeys(hrefs) if re.fullmatch(r"/m/[0-9A-Z]{15}/", href) and said.code not in href]
    accident = next(place for place in places if place.startswith("/accidents/"))
    hers = next(place for place in places if place.startswith("/disputes/"))
    rider.goto(accident)
    keep(rider, "accident-rider-390")

    mediator = sign_in(browsers.fresh(DESK), "gu.vmed")
    head = sign_in(browsers.fresh(DESK), "gu.vmedhead")
    finding, driver_case = under(mediator, accident, "事故认定"), under(mediator, accident, "事故一方")
    outsiders.find_nothing(accident.split("/")[2], hers.split("/")[2], finding, driver_case)

    # the driver advances the hospital's bill by his own link
    act(mediator, accident, "ask_driver", who="b", amount=20000)
    mediator.goto(accident)
    driver = browsers.fresh(PHONE)
    his_part = opened(driver, link_on(mediator, f"/accidents/{driver_case}/link/"))
    until(driver, his_part, "20000")
    act(driver, his_part, "paid", "accident-driver-390", amount=20000, on=today().isoformat(), words="县医院住院处，收据 0071")

    # the police enter the finding on a case that shows them nothing else
    police = sign_in(browsers.fresh(DESK), "gx.traffic")
    then = (today() - timedelta(days=9)).isoformat()
    act(police, f"/accidents/{finding}/", "issue", "accident-police-1440", number="冀公交认字〔2026〕第1107号", happened_on=then,
        made_on=today().isoformat(), duty_a="secondary", duty_b="main", words="小型客车左转未让直行的电动自行车。")  # fmt: skip
    expect(police.locator("main")).not_to_contain_text("肋骨")

    # the mediator asks the insurer, which confirms the policy at its own desk
    act(mediator, accident, "vehicle", who="b", sort="motor", share=70)
    act(mediator, accident, "vehicle", who="a", sort="non_motor", share=30)
    act(mediator, accident, "policy", who="b", insurer="1310-jian")
    cover = under(mediator, accident, "保险核定")
    insurer = sign_in(browsers.fresh(DESK), "lf.claims")
    act(insurer, f"/accidents/{cover}/", "confirm", "accident-insurer-1440", compulsory="true", since="2026-01-01", until="2027-12-31")
    act(mediator, accident, "victim", who="a", age=52)
    act(mediator, accident, "losses", who="a", medical="46000", meals_days=18, meals_daily="100", nutrition_days=60, nutrition_daily="30",
        nursing_days=60, nursing_daily="150", lost_income_days=120, lost_income_daily="140", transport="600")  # fmt: skip
    act(mediator, accident, "reckon", advances="off_debt")
    keep(mediator, "accident-mediator-1440")
    rider.goto(accident)
    expect(rider.locator("section[aria-labelledby=h-sum]")).to_contain_text("76000.00")
    keep(rider, "accident-rider-sum-390")
    outsiders.find_nothing(cover)

    room = f"/disputes/{under(mediator, accident, '人民调解')}/"
    dispute = three_sides_come(rider, driver, mediator, head, insurer, hers, room)
    all_sign(city, rider, driver, mediator, head, insurer, dispute)
    until(mediator, accident, "协议生效")
    confirmation = the_court_confirms(browsers, rider, driver, mediator, insurer, dispute)
    outsiders.find_nothing(*(path.split("/")[2] for path in (dispute["room"], dispute["b"], dispute["c"])), confirmation)
    both_pay(rider, driver, insurer, dispute)
    until(rider, accident, "都付清了")
    keep(rider, "accident-paid-390")
    expect(rider.locator("main .tag--done").first).to_have_text("都付清了")


def three_sides_come(
    rider: Page, driver: Page, mediator: Page, head: Page, insurer: Page, hers: str, room: str
) -> dict[str, str]:
    """Accepted by the head, both consent, a mediator without a tie, who brings the insurer in. The path of each."""
    act(head, room, "accept", summary="路口相撞，王秀兰受伤，商量怎么赔")
    for ref, name, phone in (("a", "王秀兰", "13800000001"), ("b", "孙长河", "13800000002")):
        act(mediator, f"{room}?on={ref}", "contact", name=name, phone=phone)
    mediator.goto(room)
    form = mediator.locator("form[action*='/link/']").nth(1).get_attribute("action") or ""
    his = opened(driver, link_on(mediator, form))
    act(driver, his, "agree")
    chosen = {"mediator": head_chooses(head, room)}
    act(head, room, "appoint", **chosen)
    act(mediator, room, "take_on", no_tie="true")
    act(mediator, room, "bring_in", "dispute-bring-in-1440", part="保险公司", office="1310-jian")
    insurers = f"/disputes/{of_mine(insurer, '道路交通事故纠纷')}/"
    act(insurer, insurers, "agree")
    act(mediator, room, "record", words="三方坐在一起，看了计算书，都没有不同意见。")
    for page, path in ((rider, hers), (driver, his), (insurer, insurers)):
        act(page, path, "read_record", right="true")
    keep(insurer, "dispute-insurer-1440")
    keep(rider, "dispute-three-390")
    return {"room": room, "a": hers, "b": his, "c": insurers}


def head_chooses(head: Page, room: str) -> str:
    head.goto(f"{room}?step=appoint")
    option = head.locator("#do [name=mediator] option", has_text="姚长顺").first
    return option.get_attribute("value") or ""


def all_sign(city: City, rider: Page, driver: Page, mediator: Page, head: Page, insurer: Page, paths: dict[str, str]) -> None:
    """Two by the digits of a text message, the insurer by its account, the mediator; then the seal."""
    day = today().isoformat()
    plan = f"{day} 2120.00 乙付甲\n{day} 44400.00 丙付甲"
    act(mediator, paths["room"], "draft", facts="路口相撞，王秀兰断六根肋骨", duty="孙长河主要责任，王秀兰次要责任",
        terms="照计算书赔，扣掉孙长河垫付的 20000 元", manner="转账", plan=plan)  # fmt: skip
    for page, path in ((rider, paths["a"]), (driver, paths["b"])):
        act(page, path, "ask_code")
        act(page, path, "sign", code=digits(city, path.split("/")[2]))
    act(insurer, paths["c"], "sign")
    act(mediator, paths["room"], "countersign")
    act(head, paths["room"], "seal")


def the_court_confirms(browsers: Browsers, rider: Page, driver: Page, mediator: Page, insurer: Page, paths: dict[str, str]) -> str:
    for page, path in ((rider, paths["a"]), (driver, paths["b"]), (insurer, paths["c"])):
        act(page, path, "want_court")
    act(mediator, paths["room"], "file_court")
    court = sign_in(browsers.fresh(DESK), "gu.court")
    code = of_mine(court, "道路交通事故纠纷")
    act(court, f"/disputes/{code}/", "take", docket="（2026）冀1022诉调确9号")
    expect(court.locator("main")).to_contain_text("照计算书赔")
    expect(court.locator("main")).not_to_contain_text("都没有不同意见")
    keep(court, "dispute-court-1440")
    act(court, f"/disputes/{code}/", "rule", ruling="confirmed")
    return code


def both_pay(rider: Page, driver: Page, insurer: Page, paths: dict[str, str]) -> None:
    """On the day that was agreed; she says of each that it came."""
    act(driver, paths["b"], "paid", row="1", words="微信转了 2120")
    act(rider, paths["a"], "received", row="1")
    act(insurer, paths["c"], "paid", row="2", words="对公转账回单 88-1")
    act(rider, paths["a"], "received", row="2")
    expect(rider.locator("main")).to_contain_text("履行完毕")
