"""Rules for passwords that Django has not (口令规则)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

KINDS = 3
"""Kinds of characters a password must mix, of the four there are (chosen; GB/T 22239 asks for complexity, not a number)."""


class MixedCharactersValidator:
    """Refuses passwords of one or two kinds of characters (字符种类)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a password that mixes too few kinds of characters (校验)."""
        tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
        found = sum(any(test(c) for c in password) for test in tests)
        if found < KINDS:
            raise ValidationError(self.get_help_text(), code="password_of_few_kinds")

    def get_help_text(self) -> str:
        """Return the rule in words (规则说明)."""
        return f"口令须含小写字母、大写字母、数字、符号四类中的至少 {KINDS} 类。"


class LengthValidator(MinimumLengthValidator):
    """Refuses short passwords in Chinese (口令长度): Django's own sentence has no translation with a number."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse a password that is too short (校验)."""
        if len(password) < self.min_length:
            told = f"口令只有 {len(password)} 位，太短；{self.get_help_text()}"
            raise ValidationError(told, code="password_too_short")

    def get_help_text(self) -> str:
        """Return the rule in words (规则说明)."""
        return f"口令至少 {self.min_length} 位。"


class CommonValidator(CommonPasswordValidator):
    """Refuses passwords that many have, in the office's words (常见口令)."""

    def get_error_message(self) -> str:
        """Return what is wrong (说明)."""
        return "这个口令太常见，容易被猜到；请换一个。"

    def get_help_text(self) -> str:
        """Return the rule in words (规则说明)."""
        return "不能是常见口令。"


class DigitsValidator(NumericPasswordValidator):
    """Refuses passwords of digits alone, in the office's words (纯数字口令)."""

    def get_error_message(self) -> str:
        """Return what is wrong (说明)."""
        return "口令不能全是数字；请加上字母或符号。"

    def get_help_text(self) -> str:
        """Return the rule in words (规则说明)."""
        return "口令不能全是数字。"


class LikenessValidator(UserAttributeSimilarityValidator):
    """Refuses passwords like a person's name, in the office's words (与姓名相近的口令)."""

    def get_error_message(self) -> str:
        """Return what is wrong (说明)."""
        return "口令与%(verbose_name)s太相似；请换一个。"

    def get_help_text(self) -> str:
        """Return the rule in words (规则说明)."""
        return "口令不能与姓名、登录名相近。"
