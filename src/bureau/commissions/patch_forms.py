"""Forms of patches (图斑表单): the file, and what its columns and words mean."""

from __future__ import annotations

from typing import Any

from django import forms

from bureau.commissions.forms import own_regions
from bureau.commissions.models import PatchBatch
from bureau.commissions.years import FIRST_YEAR, YearField
from bureau.office.models import Person
from bureau.publications.patch_words import dictionary, fields
from bureau.regions.models import Region


class PatchesForm(forms.Form):
    """A file of patches, and what it is of (上传图斑)."""

    region = forms.ModelChoiceField(
        Region.objects.none(), label="行政区", empty_label="请选择", help_text="全部图斑须在这个行政区内。"
    )
    year = YearField(label="年份", help_text=f"{FIRST_YEAR} 年到今年。")
    batch = forms.CharField(
        label="解译批次", max_length=40, help_text="如“2024 年第 1 期”；同一批次再次发布即为新版本，取代旧版。"
    )
    file = forms.FileField(label="文件", help_text="GeoPackage，或 shapefile 的 ZIP 压缩包；列与字典的对照上传后可改。")
    before = forms.DateField(
        label="前时相日期", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="文件里没有日期列的图斑用它。",
    )  # fmt: skip
    after = forms.DateField(label="后时相日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    simulated = forms.BooleanField(label="模拟数据（演示、培训用）", required=False)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by, "county", "city", "province")  # type: ignore[attr-defined]


class MeaningForm(forms.Form):
    """Which column is what, and what the words mean that no dictionary has (列与字典对照)."""

    def __init__(self, *args: Any, batch: PatchBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        samples = batch.details.get("samples", {})
        choices = [
            ("", "（文件里没有）"),
            *((c, _named(c, samples.get(c, []))) for c in batch.details.get("columns", ())),
        ]
        self.asked: list[tuple[str, str, str]] = []
        for field in fields():
            for number, (word, count) in enumerate(batch.unknown.get(field.key, {}).items()):
                name = f"word-{field.key}-{number}"
                self.asked.append((name, field.key, word))
                self.fields[name] = forms.ChoiceField(
                    label=f"{field.name}“{word[:40]}”（{count} 个）是", required=False,
                    choices=[("", "（还没有对照）"), *((w.code, w.name) for w in dictionary(field.dictionary))],
                )  # fmt: skip
        for field in fields():
            self.fields[f"column-{field.key}"] = forms.ChoiceField(
                label=field.name + (f"（{field.unit}）" if field.unit else ""), choices=choices, required=field.needed,
                initial=batch.columns.get(field.key, ""), help_text=field.note,
            )  # fmt: skip

    def meaning(self) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Return the columns by our keys, and the codes of words (对照)."""
        given = self.cleaned_data
        columns = {f.key: given[f"column-{f.key}"] for f in fields() if given.get(f"column-{f.key}")}
        words: dict[str, dict[str, str]] = {}
        for name, key, word in self.asked:
            if given.get(name):
                words.setdefault(key, {})[word] = given[name]
        return columns, words


def _named(column: str, samples: list[str]) -> str:
    return f"{column}（{'、'.join(samples)[:40]}）" if samples else column
