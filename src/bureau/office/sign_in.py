"""Forms of signing in, in the office's own words (登录表单): 登录名、口令、动态码."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factor
from allauth.mfa.totp import forms as totp
from django import forms

CODE = "动态码"


def name_field(form: forms.Form, field: str, label: str) -> None:
    """Call a field by our word, and leave the grey words inside it out: they vanish when one types (改标签)."""
    form.fields[field].label = label
    form.fields[field].widget.attrs.pop("placeholder", None)


class SignInForm(account.LoginForm):  # type: ignore[misc]
    """Signing in (登录)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_field(self, "login", "登录名")
        name_field(self, "password", "口令")


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """Changing one's password (修改口令)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, label in {"oldpassword": "现用口令", "password1": "新口令", "password2": "再输一次"}.items():
            name_field(self, field, label)
        self.fields[
            "password1"
        ].help_text = "至少 10 位，含小写字母、大写字母、数字、符号中的三类；不能是常见口令，不能与姓名、登录名相近。"

    def clean(self) -> dict[str, Any]:
        """Say in the office's words that two passwords differ (核对)."""
        first, second = (self.cleaned_data.get(name) for name in ("password1", "password2"))
        given: dict[str, Any] = super().clean()
        if first and second and first != second:
            self.errors["password2"] = self.error_class(["两次输入的口令不同；请重新输入。"])
        return given


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    """One's password once more (再输口令)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_field(self, "password", "口令")


def _ask_digits(form: forms.Form, label: str, **attributes: str) -> None:
    name_field(form, "code", label)
    form.fields["code"].widget.attrs.update(attributes)


class FactorForm(factor.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in (动态码): six digits, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_digits(self, f"{CODE}或恢复码", autofocus="autofocus")


class FactorAgainForm(factor.ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more (再输动态码)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_digits(self, f"{CODE}或恢复码", autofocus="autofocus")


class ActivateFactorForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new second factor (启用动态码)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_digits(self, CODE, inputmode="numeric")
