"""What is wrong with a field names the field and says what is allowed, on every page with a form."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.utils import ErrorDict, ErrorList
from django.template.loader import render_to_string
from django.test import Client
from django.utils.functional import Promise

import bureau
from bureau.pages.faults import faults, faults_of, text_in
from bureau.refusal import Refusal


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


def forms_of_the_bureau() -> list[type[forms.BaseForm]]:
    """Return every form that a room has."""
    for path in Path(bureau.__file__).parent.glob("*/*.py"):
        if path.stem.endswith("forms"):
            import_module(f"bureau.{path.parent.name}.{path.stem}")
    found, left = [], [forms.BaseForm]
    while left:
        left += (below := left.pop()).__subclasses__()
        found += [below] if below.__module__.startswith("bureau.") else []
    return found


def test_no_form_says_a_sentence_of_djangos_own() -> None:
    """Each fault that a field can find by itself has a sentence of ours that names the field."""
    told, params = (
        0,
        {"value": "x", "pk": 1, "max": 3, "length": 9, "limit_value": 3, "show_value": 9, "extension": "a"},
    )
    for kind in forms_of_the_bureau():
        for name, field in kind.base_fields.items():  # type: ignore[attr-defined]
            theirs = {
                code: text
                for cls in type(field).__mro__
                for code, text in getattr(cls, "default_error_messages", {}).items()
            }
            for each in field.validators:
                theirs |= getattr(each, "messages", {}) or {each.code: each.message}
            bare = type("Bare", (forms.Form,), {name: field})()
            for code, text in theirs.items():
                if field.error_messages.get(code, text) is not text or not isinstance(text, Promise):
                    continue
                bare._errors = ErrorDict({name: ErrorList([ValidationError(text, code=code, params=params)])})
                said = faults(bare[name])
                assert len(said) == 1
                assert f"“{bare[name].label}”" in said[0], (kind, name, code, said)
                told += 1
    assert told > 300


def test_no_list_begins_with_dashes() -> None:
    lists = [
        (kind.__name__, name)
        for kind in forms_of_the_bureau() for name, field in kind.base_fields.items()  # type: ignore[attr-defined]
        if isinstance(field, forms.ModelChoiceField) and set(field.empty_label or "请选择") == {"-"}
    ]  # fmt: skip
    assert lists == []


def test_all_that_is_wrong_with_a_form_is_told_in_one_message() -> None:
    form = Everything({"name": "五个字的名称", "share": "101"})
    said = faults_of(form)
    assert said.startswith("“名称”至多 4 字，现有 6 字。“比例（%）”填的是 101，应在 0 到 100 之间。")
    assert "没有邮箱，无法发通知" in said


def test_a_reason_that_is_too_long_is_not_taken_for_none() -> None:
    with pytest.raises(Refusal, match="“名称”至多 4 字，现有 6 字"):
        text_in(Everything({"name": "五个字的名称"}), "name")
    assert text_in(Everything({"name": ""}), "name") == ""
    assert text_in(Everything({"name": "甲"}), "name") == "甲"


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
