"""Years that results are of (年份): from the first of which there is anything to compute from, to the present one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from bureau.refusal import Refusal

FIRST_YEAR = 1980
"""First year that a result may be of (chosen: land use of the whole country is mapped from about then on)."""
LAST_YEAR = 2100
"""Last year that a document may name (chosen: it only keeps mistypings out)."""
YEAR_SAID = "年份 {given} 不可用：可填 {first} 到 {last}（今年）；以后的年份还没有资料，不能计算或入库。"


class YearField(forms.IntegerField):
    """A year that is not yet to come (年份)."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the bounds for browsers (可填范围)."""
        return super().widget_attrs(widget) | {"min": FIRST_YEAR, "max": timezone.localdate().year}

    def validate(self, value: Any) -> None:
        """Refuse other years (检查年份)."""
        super().validate(value)
        last = timezone.localdate().year
        if value is not None and not FIRST_YEAR <= value <= last:
            raise forms.ValidationError(YEAR_SAID.format(given=value, first=FIRST_YEAR, last=last))


def refuse_year(year: int, *, now: datetime) -> None:
    """
    Refuse a year of which there can be no survey (检查年份).

    Parameters
    ----------
    year : int
    now : datetime

    Raises
    ------
    Refusal
        If it is before :data:`FIRST_YEAR`, or not yet begun.
    """
    this = timezone.localtime(now).year
    if not FIRST_YEAR <= year <= this:
        raise Refusal("wrong-year", YEAR_SAID.format(given=year, first=FIRST_YEAR, last=this))
