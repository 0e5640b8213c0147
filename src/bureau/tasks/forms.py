"""Forms of tasks (任务表单)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from bureau.office.models import Organisation, Person
from bureau.tasks import evidence
from bureau.tasks.adding import Summary
from bureau.tasks.checking import doubt
from bureau.tasks.models import Due, Figure, Task, Unit
from bureau.tasks.reaching import unreached
from bureau.tasks.recorded import quantities_of
from bureau.tasks.selectors import Occurrence, all_occurrences, units_to_sign_for


class FilesInput(forms.ClearableFileInput):
    """A control for several files (多文件)."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, or none (多文件)."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files."""
        given = data if isinstance(data, list | tuple) else [data]
        single = super().clean
        return [single(file, initial) for file in given if file]


class ReportForm(forms.Form):
    """What was done of a task (进展)."""

    when = forms.ChoiceField(label="所报期限", required=False, help_text="报完成须选期限；只报过程可不选。")
    finishes = forms.BooleanField(label="这一期已完成", required=False)
    text = forms.CharField(
        label="进展",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="做了什么、做到哪一步、还差什么。",
    )
    figure = forms.ModelChoiceField(Figure.objects.none(), label="所计数字", required=False, empty_label="不计数")
    value = forms.DecimalField(
        label="累计完成量", required=False, max_digits=14, decimal_places=4, min_value=Decimal(0),
        help_text="从起算到现在的累计数；每年计的从年初累计。",
        error_messages={"max_digits": "数太大：最多 10 位整数、4 位小数；请核对单位。"},
    )  # fmt: skip
    sure = forms.BooleanField(label="核对过，确实如此", required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="以哪个单位", required=False, empty_label="不指明")
    proof = FilesField(
        label="佐证", required=False,
        help_text=f"{evidence.NAMES}，每个不超过 {evidence.LARGEST // 2**20} MB，最多 {evidence.MOST} 个。",
    )  # fmt: skip

    def __init__(self, *args: Any, by: Person, task: Task, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.today = by, today
        self.dues = {due.pk: due for due in task.dues.all()}
        found = all_occurrences(person=by, today=today, tasks=[task])
        self.fields["when"].choices = [("", "不指明"), *(self._choice(o) for o in found if o.report is None)]  # type: ignore[attr-defined]
        elsewhere = quantities_of(task.figures.all())
        self.fields["figure"].queryset = task.figures.filter(counted=True).exclude(pk__in=elsewhere)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_to_sign_for(by, task)  # type: ignore[attr-defined]
        if len(self.fields["when"].choices) == 1:  # type: ignore[attr-defined]
            del self.fields["when"], self.fields["finishes"]  # nothing is due on any day
        self.fields["proof"].widget.attrs["accept"] = ",".join(evidence.ALLOWED)
        figures = list(self.fields["figure"].queryset)  # type: ignore[attr-defined]
        if not figures:
            del self.fields["figure"], self.fields["value"]
        else:
            units = list(dict.fromkeys(figure.unit for figure in figures))
            self.fields["value"].label = f"累计完成量（{'、'.join(units)}）"
            if len(units) > 1:
                said = "；".join(f"{figure.label}以{figure.unit}计" for figure in figures)
                self.fields["value"].help_text = f"{self.fields['value'].help_text}{said}。"
        if not self.is_bound:
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        """Ask for a tick where the amount is doubtful, and only there (存疑的数)."""
        given = super().clean() or {}
        figure, value = given.get("figure"), given.get("value")
        doubtful = "" if figure is None or value is None else doubt(figure, value)
        if given.get("finishes") and given.get("when"):
            pk, year = given["when"].split(":")
            doubtful += unreached(person=self.by, due=self.dues[int(pk)], year=int(year), figure=figure, value=value)
        if not doubtful:
            del self.fields["sure"]
        elif not given.get("sure"):
            self.add_error("sure", doubtful)
        return given

    def _choice(self, occurrence: Occurrence) -> tuple[str, str]:
        """Return a date of the task as a choice."""
        due = occurrence.due
        what = f"　{due.what}" if due.what else ""
        return f"{due.pk}:{occurrence.on.year}", f"{occurrence.on:%Y-%m-%d}{what}（{occurrence.label}）"

    def told(self) -> dict[str, Any]:
        """Return what the service is told (报告内容)."""
        given = self.cleaned_data
        due: Due | None = None
        year = self.today.year
        if given.get("when"):
            pk, at = given["when"].split(":")
            due, year = self.dues[int(pk)], int(at)
        words = {word: given.get(word) for word in ("text", "finishes", "figure", "value", "unit")}
        words["sure"] = bool(given.get("sure"))
        words["finishes"] = bool(given.get("finishes"))
        return {**words, "files": given["proof"], "due": due, "year": year}


class SumForm(forms.Form):
    """The sum of the regions below, taken as one's own (汇总填报)."""

    text = forms.CharField(label="进展", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    beside = forms.DecimalField(
        label="本级另有", required=False, max_digits=14, decimal_places=4, min_value=Decimal(0),
        help_text="本级自己完成、下级没有报过的；没有就不填。",
    )  # fmt: skip
    proof = FilesField(label="佐证", required=False, help_text="所汇总的各份报告会附上，这里只放另外的文件。")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    year = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: Summary, **kwargs: Any) -> None:
        unit = found.figure.unit
        said = "、".join(f"{r.region.name} {r.value.normalize():f}" for r in found.counted if r.value is not None)
        text = f"汇总下级 {len(found.counted)} 处填报：{said}（{unit}）。"
        seen = ",".join(str(report.pk) for report in found.counted)
        initial = {"text": text[:2000], "seen": seen, "year": found.year}
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.fields["beside"].label = f"本级另有（{unit}）"
        self.fields["proof"].widget.attrs["accept"] = ",".join(evidence.ALLOWED)

    def told(self) -> dict[str, Any]:
        """Return what the service is told (汇总内容)."""
        given = self.cleaned_data
        seen = {int(pk) for pk in given["seen"].split(",") if pk.isascii() and pk.isdecimal() and len(pk) < 19}
        return {"text": given["text"], "beside": given["beside"] or Decimal(0), "seen": seen, "files": given["proof"]}


class LinkForm(forms.Form):
    """Which organisation a unit is (对应机构)."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="对应机构", required=False, empty_label="没有对应"
    )

    def __init__(self, *args: Any, by: Person, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"organisation": unit.organisation_id}, **kwargs})
        mine = Organisation.objects.for_person(by).filter(active=True)
        self.fields["organisation"].queryset = mine.within(unit.region_id)  # type: ignore[attr-defined]


class WorkbookForm(forms.Form):
    """A workbook (工作簿)."""

    file = forms.FileField(label="工作簿", help_text="XLSX；从平台下载一份，照样填好后上传。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx"
