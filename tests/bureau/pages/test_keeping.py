"""A sign-in that ran out while somebody wrote: one is led back to the page, and what was typed is there again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.bureau.browser import PASSWORD, VIEWPORTS, Visitor
from tests.bureau.people import make_person

from bureau.targets.models import PlannedQuantity, Progress


def some_quantity() -> PlannedQuantity:
    return PlannedQuantity.objects.create(
        region_id="140900", code="dams", title="淤地坝", amount=170, unit="座", source="文件", clause="四"
    )


def test_a_form_sent_without_a_session_leads_back_to_its_page(db: Any) -> None:
    left = {"Referer": "http://testserver/targets/quantities/1/?a=1"}
    answer = Client().post("/targets/progress/1/withdraw/", headers=left)
    assert answer["Location"] == "/account/login/?next=/targets/quantities/1/%3Fa%3D1"
    for foreign in ("https://elsewhere.example/x", ""):
        answer = Client().post("/targets/progress/1/withdraw/", headers={"Referer": foreign})
        assert answer["Location"] == "/account/login/?next=/targets/progress/1/withdraw/"


def test_a_form_that_is_too_old_leads_back_to_its_page(db: Any) -> None:
    strict, left = Client(enforce_csrf_checks=True), {"Referer": "http://testserver/targets/quantities/1/"}
    shown = strict.post("/targets/quantities/1/", headers=left).content.decode()
    assert 'href="/account/login/?next=%2Ftargets%2Fquantities%2F1%2F"' in shown
    assert "data-expired" in shown
    strict.force_login(make_person("clerk"), backend="django.contrib.auth.backends.ModelBackend")
    assert 'href="/targets/quantities/1/"' in strict.post("/targets/quantities/1/", headers=left).content.decode()


@pytest.mark.browser
@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("viewport", sorted(VIEWPORTS)[:1])
def test_what_was_typed_is_there_again_after_signing_in(
    viewport: str, everything: bool, visitor: Callable[[str], Visitor]
) -> None:
    cache.clear()
    somebody, who, made = visitor(viewport), make_person("clerk", region="140928"), some_quantity()
    other = make_person("clerk", region="140928", with_second_factor=False)
    who.authenticator_set.all().delete()
    somebody.sign_in(who)
    page = somebody.open(f"/targets/quantities/{made.pk}/")
    page.get_by_label("本次完成量（座）").fill("3")
    page.get_by_label("依据").fill("写了很久的依据")
    if everything:
        somebody.context.clear_cookies()
    else:
        somebody.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="填报", exact=True).click()
    if everything:
        page.get_by_role("link", name="重新登录，回到刚才的页面").click()
    page.get_by_label("登录名").fill(who.username)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_text("登录过期前填写的内容已放回").wait_for()
    assert page.get_by_label("依据").input_value() == "写了很久的依据"
    page.get_by_role("button", name="填报", exact=True).click()
    page.get_by_text("进展已填报").wait_for()
    assert Progress.objects.get().evidence == "写了很久的依据"

    page.get_by_label("依据").fill("别人不该看到")
    somebody.context.clear_cookies(name="sessionid")
    page.get_by_label("本次完成量（座）").fill("4")
    page.get_by_role("button", name="填报", exact=True).click()
    page.get_by_label("登录名").fill(other.username)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="淤地坝").wait_for()
    assert "放回" not in page.content()
    assert page.get_by_label("依据").input_value() == ""
