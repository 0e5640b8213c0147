"""What is wrong with a field of a form, in words (填写错误): which field, what was found, what is allowed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise

from bureau.refusal import Refusal

ALLOWED = {
    "invalid_choice": "“{label}”请在列出的选项中选择；选项可能已有变动，请刷新页面后再选。",
    "invalid_list": "“{label}”请在列出的选项中选择；选项可能已有变动，请刷新页面后再选。",
    "invalid_pk_value": "“{label}”请在列出的选项中选择；选项可能已有变动，请刷新页面后再选。",
    "max_decimal_places": "“{label}”至多 {max} 位小数。",
    "max_digits": "“{label}”至多 {max} 位数字；请核对单位。",
    "max_whole_digits": "“{label}”的整数部分至多 {max} 位；请核对单位。",
    "null_characters_not_allowed": "“{label}”里有看不见的空字符；请删去后重新输入。",
    "invalid_extension": "“{label}”的文件类型不对；请换一个文件。",
    "invalid_image": "“{label}”不是图片，或已损坏；请换一张。",
    "contradiction": "“{label}”既选了文件又勾了清除；请只做一样。",
    "incomplete": "请把“{label}”填完整。",
    "overflow": "“{label}”的数太大；请核对单位。",
    "max_length": "“{label}”至多 {limit_value} 字，现有 {show_value} 字。",
    "min_length": "“{label}”至少 {limit_value} 字，现有 {show_value} 字。",
    "empty": "“{label}”的文件是空的；请重新选择。",
    "missing": "没有收到“{label}”的文件；请重新选择。",
}
"""By the code of Django's error."""
KINDS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.FloatField, "数字，如 12.5"),
    (forms.DecimalField, "数字，如 12.5"),
    (forms.IntegerField, "整数，如 12"),
    (forms.DateTimeField, "日期和时间，如 2026-03-05 14:30"),
    (forms.DateField, "日期，如 2026-03-05"),
    (forms.EmailField, "邮箱地址，如 name@example.org"),
    (forms.URLField, "网址，如 https://example.org/"),
)
"""What a field is filled with; the first that fits is told."""


def faults(field: BoundField) -> list[str]:
    """
    Return what is wrong with a field, in words (填写错误).

    Django's own sentences do not name the field nor, always, what is allowed; ours stand as they are.

    Parameters
    ----------
    field : BoundField
    """
    found = field.form.errors.as_data().get(field.name, [])
    return [said for error in found for said in _said(field, error)]


def faults_of(form: forms.BaseForm) -> str:
    """
    Return all that is wrong with a form in one sentence, for a message (全部填写错误).

    Parameters
    ----------
    form : Form
        One that was filled in.
    """
    told = [str(error) for error in form.non_field_errors()]
    for field in form:
        told += [said if str(field.label) in said else f"“{field.label}”：{said}" for said in faults(field)]
    return "".join(told)


def text_in(form: forms.BaseForm, name: str) -> str:
    """
    Return what was written in a field; nothing if nothing was, for the act itself to ask for it (所填文字).

    Parameters
    ----------
    form : Form
    name : str

    Raises
    ------
    Refusal
        If what was written is not allowed, such as too long a reason.
    """
    form.is_valid()
    wrong = form.errors.as_data().get(name, [])
    if any(error.code != "required" for error in wrong):
        raise Refusal("not-allowed", "".join(faults(form[name])))
    return str(form.cleaned_data.get(name, ""))


def _said(field: BoundField, error: ValidationError) -> list[str]:
    """Return the sentences of one error; those of Django are translated late, ours are plain words."""
    if not isinstance(error.message, Promise):
        return [str(one) for one in error.messages]
    params: dict[str, Any] = dict(error.params or {})
    if error.code == "required":
        return [_asked_for(field)]
    if error.code == "invalid":
        if isinstance(field.field, forms.FileField):
            return [ALLOWED["missing"].format(label=field.label)]
        fits = [kind for of, kind in KINDS if isinstance(field.field, of)]
        return [f"“{field.label}”应为{fits[0]}。"] if fits else [str(one) for one in error.messages]
    if error.code in ("min_value", "max_value"):
        return [f"“{field.label}”填的是 {params['show_value']}，{_range(field, error.code, params['limit_value'])}。"]
    if error.code == "max_length" and isinstance(field.field, forms.FileField):
        return [f"“{field.label}”的文件名至多 {params['max']} 字，现有 {params['length']} 字；请改短后再选。"]
    told = ALLOWED.get(error.code or "")
    return [told.format(label=field.label, **params)] if told else [str(one) for one in error.messages]


def _asked_for(field: BoundField) -> str:
    """Return what to do with a field that was left empty."""
    of = field.field
    if isinstance(of, forms.FileField):
        return f"请选择“{field.label}”。"
    if isinstance(of, forms.BooleanField):
        return f"请勾选“{field.label}”。"
    chosen = isinstance(of, forms.ChoiceField | forms.ModelChoiceField)
    return f"请{'选择' if chosen else '填写'}“{field.label}”。"


def _range(field: BoundField, code: str, limit: Any) -> str:
    """Return what numbers are allowed."""
    if isinstance(limit, date):
        return f"不能{'早' if code == 'min_value' else '晚'}于 {limit}"
    low, high = getattr(field.field, "min_value", None), getattr(field.field, "max_value", None)
    if low is not None and high is not None:
        return f"应在 {low} 到 {high} 之间"
    return f"不能{'小' if code == 'min_value' else '大'}于 {limit}"
