"""The filter of the audit trail (留痕筛选)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from bureau.pages.faults import faults_of
from bureau.refusal import Refusal
from bureau.trail.events import kinds
from bureau.trail.selectors import Wanted
from bureau.trail.telling import ACTS

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Days that can be asked for (chosen: others are typing errors)."""


class DayField(forms.DateField):
    """A day of the filter (日期)."""

    def __init__(self, *, label: str) -> None:
        bounds = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
        picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, required=False, widget=picker, validators=bounds)


class WantedForm(forms.Form):
    """Which changes are asked for (筛选)."""

    kind = forms.ChoiceField(label="对象类型", required=False)
    act = forms.ChoiceField(label="动作", required=False, choices=[("", "全部"), *ACTS.items()])
    who = forms.CharField(label="人员", required=False, max_length=40)
    since = DayField(label="自")
    until = DayField(label="至")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "全部"), *((k.key, k.label) for k in kinds().values())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days that run backwards (核对日期)."""
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error(
                "since", f"“自”的 {since} 晚于“至”的 {until}，这样一条也查不到；请把两个日期对调，或改其中一个。"
            )
        return given

    def wanted(self, pk: str = "") -> Wanted:
        """
        Return what is asked for (筛选条件).

        Raises
        ------
        Refusal
            If something makes no sense: left unread, it would widen what they get.
        """
        if not self.is_valid():
            raise Refusal("wrong-filter", f"筛选条件不可用，没有列出任何记录。{faults_of(self)}")
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return Wanted(pk=pk, **given)
