"""What a page of refusal says is true of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_stranger_is_led_to_sign_in_and_others_to_their_desk(signed_in: Callable[..., Client]) -> None:
    assert ">登录</a>" in Client().get("/nowhere/").content.decode()
    page = signed_in("clerk").get("/nowhere/").content.decode()
    assert ">回到工作台</a>" in page
    assert "左侧" not in page, "there is no navigation on this page, and below on a phone"


def test_the_page_of_signing_in_says_who_helps() -> None:
    assert "忘了口令、换了手机，也请找管理员办理" in Client().get("/account/login/").content.decode()


def test_what_is_too_large_to_be_read_is_said_to_be_so(signed_in: Callable[..., Client], settings: Any) -> None:
    client = signed_in("clerk")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
    answer = client.post("/targets/regions/140928/course/", {"shape": "a" * 2**21})
    assert answer.status_code == 413
    assert "文字合计至多 1 MB" in answer.content.decode()
    assert "没有保存" in answer.content.decode()
