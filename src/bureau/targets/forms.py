"""Forms of targets (目标表单)."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Level, Region
from bureau.targets import planned
from bureau.targets.closing import LABELS, Method
from bureau.targets.course import SHAPES, Shape
from bureau.targets.effect import demand_document, demand_possible_day, doubt_of_day, says_something
from bureau.targets.models import PlannedQuantity, Target
from bureau.targets.selectors import places_of

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
METHODS = [(method.value, LABELS[method]) for method in Method]


class NumberField(forms.DecimalField):
    """A number, in full-width digits too (数)."""

    def to_python(self, value: Any) -> Any:
        """Return the number that is written, ７６．５ as 76.5 (读数)."""
        return super().to_python(unicodedata.normalize("NFKC", value) if isinstance(value, str) else value)


class EffectForm(forms.Form):
    """Since when something applies (生效日期): a tick is asked for where the day is past, and only there."""

    since = forms.DateField(label="生效日期", widget=DAY)
    sure = forms.BooleanField(label="核对过，文件确是如此", required=False)
    named: ClassVar[str] = "document"
    """Field of the document."""

    def __init__(self, *args: Any, today: date, year: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.for_year = today, year
        self.fields["since"].initial = today
        if not self.is_bound:
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        """Refuse a document that says nothing, and a day that cannot be; ask about one that is past."""
        given = super().clean() or {}
        document, since, year = given.get(self.named), given.get("since"), given.get("year", self.for_year)
        doubt = ""
        try:
            if document is not None:
                demand_document(document)
            if document is not None and since is not None and year is not None:
                demand_possible_day(since=since, document=document, year=year, today=self.today)
                doubt = doubt_of_day(since=since, today=self.today)
        except Refusal as refused:
            self.add_error(self.named if refused.code in ("no-document", "not-issued") else "since", refused.message)
        if not doubt:
            del self.fields["sure"]
        elif not given.get("sure"):
            self.add_error("sure", doubt)
        return given


class RecordForm(EffectForm):
    """A target of a document of one's own (录入目标)."""

    field_order = ("year", "percent", "source", "clause", "since", "sure")
    named = "source"
    year = forms.IntegerField(label="目标年", min_value=2000, max_value=2100)
    percent = NumberField(label="目标值（%）", min_value=0, max_value=100, max_digits=5, decimal_places=2)
    source = forms.CharField(label="文件标题与文号", max_length=200)
    clause = forms.CharField(label="条款", max_length=200, required=False)


class BeginForm(forms.Form):
    """Whose target is divided, and how (起草分解)."""

    target = forms.ModelChoiceField(Target.objects.none(), label="要分解的目标", empty_label=None)
    level = forms.ChoiceField(
        label="分解到", choices=[(Level.COUNTY, "县"), (Level.CITY, "市")], help_text="市的目标只能分解到县。"
    )
    method = forms.ChoiceField(
        label="方法", choices=METHODS,
        help_text="同等提高：各县提高相同的百分点。按可治理面积：减少的流失面积与可治理面积成正比。按现状比例：各县率的比例不变。",
    )  # fmt: skip
    keep_present = forms.BooleanField(label="目标不低于现状", initial=True, required=False)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Target.objects.in_force().for_person(by)
        mine = mine.filter(region__level__in=(Level.NATION, Level.PROVINCE, Level.CITY))
        self.fields["target"].queryset = mine.select_related("region").defer("region__border")  # type: ignore[attr-defined]


class CourseForm(forms.Form):
    """How a region goes to its targets (年度路径)."""

    shape = forms.ChoiceField(label="形状", choices=[(shape.value, SHAPES[shape]) for shape in Shape])

    def __init__(self, *args: Any, years: list[int], way: dict[int, Decimal] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for year in years:
            self.fields[f"year_{year}"] = NumberField(
                label=f"{year} 年（%）", min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False
            )
            self.fields[f"year_{year}"].widget.attrs["placeholder"] = f"{way[year]:.2f}" if way and year in way else ""

    def own(self) -> dict[int, Any]:
        """Return the rates of one's own way that were filled in (自定年度值)."""
        given = self.cleaned_data.items()
        return {int(name[5:]): value for name, value in given if name.startswith("year_") and value is not None}


class InForceForm(EffectForm):
    """By which document, and since when (生效)."""

    field_order = ("document", "since", "sure")
    document = forms.CharField(label="印发文号", max_length=100)


class ReasonForm(forms.Form):
    """Why (理由)."""

    reason = forms.CharField(label="理由", max_length=300)


class WorkbookForm(forms.Form):
    """A workbook to read (导入工作簿)."""

    workbook = forms.FileField(label="工作簿（XLSX）", widget=forms.FileInput(attrs={"accept": ".xlsx"}))


class ProgressForm(forms.Form):
    """What was done, where, when, and what shows it (填报进展)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="完成地", empty_label="请选择")
    amount = NumberField(
        label="本次完成量", max_digits=14, decimal_places=2, min_value=0,
        error_messages={"max_digits": "数太大：最多 12 位整数、2 位小数；请核对单位。"},
    )  # fmt: skip
    on = forms.DateField(label="完成日期", widget=DAY)
    evidence = forms.CharField(
        label="依据", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="验收文件、文号、地点等。"
    )
    sure = forms.BooleanField(label="核对过，确实如此", required=False)
    because = forms.CharField(
        label="原因", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="为什么超出计划、逾期或在文件印发之前；审核人会看到。",
    )  # fmt: skip

    def __init__(self, *args: Any, by: Person, quantity: PlannedQuantity, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quantity, self.today = quantity, today
        self.fields["region"].queryset = places_of(by, quantity)  # type: ignore[attr-defined]
        self.fields["region"].initial = by.organisation.region_id
        if by.organisation.region.level in (Level.PROVINCE, Level.CITY):
            self.fields["region"].help_text = "选实际完成的地方；下级已报的会自动计入，不要再报一遍。"
        self.fields["amount"].label = f"本次完成量（{quantity.unit}）"
        self.fields["on"].initial = today
        if not self.is_bound:
            del self.fields["sure"], self.fields["because"]

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be; ask for a tick and a reason where the report is doubtful, and only there."""
        given = super().clean() or {}
        sure, because = given.pop("sure", False), says_something(given.get("because", ""))
        found = self._doubts(given)
        if not found and not (self.errors and (sure or because)):
            del self.fields["sure"], self.fields["because"]
        elif found and sure and not because:
            self.add_error("because", "勾选了“核对过”，还没有写原因；请写明为什么：" + "".join(found))
        elif found and because and not sure:
            self.add_error("sure", "写了原因，还没有勾选“核对过”；请核对后勾选：" + "".join(found))
        elif found and not sure:
            self.add_error("sure", "".join(found) + "填错了请改正；确实如此，请勾选并写明原因。")
        return given

    def _doubts(self, given: dict[str, Any]) -> list[str]:
        """Return what is doubtful; nothing where anything cannot be, that is told first."""
        told: dict[str, Any] = {word: given.get(word) for word in ("region", "amount", "on")}
        try:
            if given.get("evidence"):
                planned.demand_evidence(given["evidence"])
        except Refusal as refused:
            self.add_error("evidence", refused.message)
        if None in told.values():
            return []
        try:
            planned.demand_possible(quantity=self.quantity, today=self.today, **told)
        except Refusal as refused:
            self.add_error("on" if refused.code in planned.OF_THE_DAY else "amount", refused.message)
            return []
        return planned.doubts(quantity=self.quantity, **told)
