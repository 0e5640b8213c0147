"""The filter of the audit trail (留痕筛选)."""

from __future__ import annotations

from typing import Any

from django import forms

from bureau.trail.events import kinds
from bureau.trail.selectors import Wanted
from bureau.trail.telling import ACTS


class WantedForm(forms.Form):
    """Which changes are asked for (筛选)."""

    kind = forms.ChoiceField(label="对象类型", required=False)
    act = forms.ChoiceField(label="动作", required=False, choices=[("", "全部"), *ACTS.items()])
    who = forms.CharField(label="人员", required=False, max_length=40)
    since = forms.DateField(
        label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "全部"), *((k.key, k.label) for k in kinds().values())]  # type: ignore[attr-defined]

    def wanted(self, pk: str = "") -> Wanted:
        """Return what is asked for; what makes no sense does not narrow (筛选条件)."""
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return Wanted(pk=pk, **given)
