"""Forms of tokens and webhooks (接口表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from bureau.interfaces.models import Event
from bureau.office.models import Organisation, Person


class TokenForm(forms.Form):
    """What a token is for, and how long it holds (令牌)."""

    name = forms.CharField(label="用途", max_length=60, help_text="例如：王工的 QGIS。")
    days = forms.TypedChoiceField(label="有效期", coerce=int, choices=[(30, "30 天"), (90, "90 天"), (366, "一年")])


class WebhookForm(forms.Form):
    """Where to, of what, for whom (推送)."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="机构", empty_label="请选择", help_text="推送该机构辖区内的事件。"
    )
    address = forms.URLField(label="地址", max_length=300, assume_scheme="https")
    subjects = forms.MultipleChoiceField(label="事件", choices=Event.choices, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.for_person(by).filter(active=True)  # type: ignore[attr-defined]
