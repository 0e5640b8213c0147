"""How allauth behaves in this office (登录适配)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class OfficeAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves; people are invited (关闭自行注册)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return that sign-up is closed (关闭注册)."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Leave sign-in names as they are: the inviter gives them (登录名不改)."""
