"""The office in a real browser, on a desk and on a phone: signed in with keys alone, nothing in anybody's way."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.codes import fresh_code
from tests.bureau.people import make_person

from bureau.office.models import Organisation

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
Visit = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def _forget_rates() -> None:
    cache.clear()


def walk(somebody: Visitor, *more: str) -> None:
    """Open every place of the side bar, and some more; nothing may be in the way, and the browser content."""
    barriers = []
    for address in dict.fromkeys([*somebody.places(), *more]):
        somebody.open(address)
        barriers += somebody.barriers()
    assert not barriers, "\n".join(barriers)
    assert not somebody.complaints, "\n".join(somebody.complaints)


def test_a_stranger_meets_the_sign_in_and_nothing_else(viewport: str, visitor: Visit) -> None:
    somebody = visitor(viewport)
    page = somebody.open("/office/people/")
    assert "/account/login/" in page.url
    assert somebody.barriers() == []
    page.keyboard.press("Tab")
    page.get_by_label("登录名").focus()
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("登录名或口令不对").wait_for()
    assert somebody.barriers() == []


def test_a_clerk_signs_in_and_opens_every_page(viewport: str, visitor: Visit) -> None:
    somebody, who = visitor(viewport), make_person("clerk", region="140928", with_second_factor=False)
    page = somebody.sign_in(who)
    page.get_by_role("heading", name="工作台").wait_for()
    assert "机构人员" not in page.content()
    walk(somebody, "/account/password/" if viewport == "desk" else "/account/2fa/")


def test_an_approver_sets_the_second_factor_up_and_signs_in_with_it(viewport: str, visitor: Visit) -> None:
    who = make_person("approve", region="140900", with_second_factor=False)
    somebody = visitor(viewport)
    page = somebody.sign_in(who)  # the password was given just now: it is not asked for again
    secret = page.locator("code").inner_text()
    assert somebody.barriers() == []
    page.get_by_label("动态码").fill(fresh_code(secret, left=10))
    page.get_by_role("button", name="启用").click()
    page.get_by_role("heading", name="恢复码").wait_for()
    assert len(re.findall(r"\S+", page.locator("pre").inner_text())) == 10
    page.goto("/")
    page.get_by_role("heading", name="工作台").wait_for()
    again = visitor(viewport)
    cache.clear()  # a code is good once; here half a minute has gone by
    again.sign_in(who, secret).get_by_role("heading", name="工作台").wait_for()
    walk(again)


def test_an_administrator_invites_somebody_and_reads_the_trail(viewport: str, visitor: Visit) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    by, secret = make_person("administer", region="140900", with_second_factor=False), generate_totp_secret()
    TOTP.activate(by, secret)
    whom = make_person("clerk", region="140928")
    Organisation.objects.filter(pk=whom.organisation_id).update(name="五寨县水利局")
    office, guest = visitor(viewport), visitor(viewport)
    page = office.sign_in(by, secret)
    if office.phone:
        page.locator(".more summary").click()
    page.get_by_role("link", name="机构人员").click()
    page.get_by_role("link", name="邀请人员").click()
    page.get_by_label("机构", exact=True).select_option("五寨县水利局")
    page.get_by_label("姓名").fill("新来")
    page.get_by_label("登录名").fill("xinlai")
    page.get_by_label("经办").check()
    assert office.barriers() == []
    page.get_by_role("button", name="生成邀请链接").click()
    theirs = guest.open(page.get_by_label("链接").input_value())
    assert guest.barriers() == []
    theirs.get_by_label("口令", exact=True).fill("Newcomer-2026")
    theirs.get_by_label("再输一次").fill("Newcomer-2026")
    theirs.get_by_role("button", name="设置并进入").click()
    theirs.get_by_role("heading", name="工作台").wait_for()
    office.open("/trail/?kind=office.person").get_by_text("新来").first.wait_for()
    walk(
        office,
        f"/office/people/{whom.pk}/",
        f"/trail/office.person/{whom.pk}/",
        f"/office/organisations/{whom.organisation_id}/",
        "/office/invitations/bring-in/",
    )
