"""What is wrong with a field names the field and says what is allowed, on every page with a form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client

import bureau
from bureau.pages.faults import faults


class Everything(forms.Form):
    """Fields of all kinds."""

    name = forms.CharField(label="名称", max_length=4)
    share = forms.DecimalField(label="比例（%）", min_value=0, max_value=100, max_digits=5, decimal_places=2)
    number = forms.IntegerField(label="个数", min_value=1)
    day = forms.DateField(label="日期")
    choice = forms.ChoiceField(label="种类", choices=[("a", "甲")])
    file = forms.FileField(label="文件")
    sure = forms.BooleanField(label="核对过")
    mail = forms.EmailField(label="邮箱", error_messages={"required": "没有邮箱，无法发通知；请填写。"})

    def clean_name(self) -> str:
        """Refuse a name in the form's own words."""
        given: str = self.cleaned_data["name"]
        if given == "坏":
            raise forms.ValidationError("名称不能是“坏”。", code="required")
        return given


EMPTY: dict[str, str] = {}


@pytest.mark.parametrize(
    "name, given, said",
    [
        ("name", "", "请填写“名称”。"),
        ("name", "五个字的名称", "“名称”至多 4 字，现有 6 字。"),
        ("name", "坏", "名称不能是“坏”。"),
        ("share", "", "请填写“比例（%）”。"),
        ("share", "-3", "“比例（%）”填的是 -3，应在 0 到 100 之间。"),
        ("share", "101", "“比例（%）”填的是 101，应在 0 到 100 之间。"),
        ("share", "1.234", "“比例（%）”至多 2 位小数。"),
        ("share", "甲", "“比例（%）”应为数字，如 12.5。"),
        ("number", "0", "“个数”填的是 0，不能小于 1。"),
        ("number", "1.5", "“个数”应为整数，如 12。"),
        ("day", "昨天", "“日期”应为日期，如 2026-03-05。"),
        ("choice", "", "请选择“种类”。"),
        ("choice", "b", "“种类”请在列出的选项中选择；选项可能已有变动，请刷新页面后再选。"),
        ("file", "", "请选择“文件”。"),
        ("sure", "", "请勾选“核对过”。"),
        ("mail", "", "没有邮箱，无法发通知；请填写。"),
        ("mail", "甲", "“邮箱”应为邮箱地址，如 name@example.org。"),
    ],
)
def test_a_fault_names_the_field_and_what_is_allowed(name: str, given: str, said: str) -> None:
    form = Everything({name: given})
    assert faults(form[name]) == [said]
    assert said.split("“")[0] in render_to_string("pages/fields.html", {"form": form})


def test_an_empty_file_is_said_to_be_empty() -> None:
    form = Everything(EMPTY, {"file": SimpleUploadedFile("a.tif", b"")})
    assert faults(form["file"]) == ["“文件”的文件是空的；请重新选择。"]


def test_the_pages_say_it(signed_in: Callable[..., Client]) -> None:
    page = signed_in("clerk").post("/commissions/new/", {"cell": 30, "source": "uploads"}).content.decode()
    assert "请填写“年份”。" in page
    assert "请选择“行政区”。" in page
    assert "必填项" not in page


def test_pages_have_one_word_for_a_password(person: Callable[..., Any]) -> None:
    who = person("clerk", with_second_factor=False)
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    words = {"oldpassword": "Good-enough-1", "password1": "Better-yet-22", "password2": "Better-yet-22"}
    page = client.post("/account/password/", words, follow=True).content.decode()
    assert "口令已修改" in page
    assert "密码" not in page
    rooms = Path(bureau.__file__).parent
    assert not [path for path in rooms.glob("*/templates/**/*.html") if "密码" in path.read_text(encoding="utf-8")]
