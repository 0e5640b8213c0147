"""Forms of uploads and orders (上传与委托表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from bureau.commissions.kinds import KINDS
from bureau.commissions.models import Upload
from bureau.office.models import Person
from bureau.regions.models import Region
from shuibao.ground.grid import CELL_SIZES

FIRST_YEAR, LAST_YEAR = 1980, 2100


def own_regions(by: Person, *levels: str) -> Any:
    """Return the regions of some levels that a person may choose among (可选行政区)."""
    return Region.objects.filter(code__startswith=by.scope, level__in=levels)


class UploadForm(forms.Form):
    """A file, what it is, and what it is of (上传资料)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="行政区")
    kind = forms.ChoiceField(label="种类与单位", choices=[])
    file = forms.FileField(label="文件", help_text="GeoTIFF、CSV、GeoPackage，或其 ZIP 压缩包。")

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by, "county", "city", "province")  # type: ignore[attr-defined]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (f"{kind.key}|{said}", f"{kind.label}" + (f"（{label}）" if label else ""))
            for kind in KINDS.values()
            for said, label in kind.choices or (("", ""),)
        ]

    def clean(self) -> dict[str, Any]:
        """Part the kind from what is said of it (拆分)."""
        given: dict[str, Any] = super().clean() or {}
        given["kind"], _, given["said"] = given.get("kind", "").partition("|")
        return given


class OrderForm(forms.Form):
    """What is to be computed, and from what (委托计算)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="行政区")
    year = forms.IntegerField(label="年份", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    cell = forms.TypedChoiceField(
        label="像元", coerce=int, choices=[(int(c), f"{c:.0f} 米") for c in reversed(CELL_SIZES)]
    )
    source = forms.ChoiceField(
        label="数据来源", choices=[("uploads", "选用上传资料"), ("imaginary", "模拟数据（演示、培训用）")],
        widget=forms.RadioSelect, initial="uploads",
    )  # fmt: skip
    inputs = forms.ModelMultipleChoiceField(
        Upload.objects.none(), label="资料", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="高程、土地利用、土壤可蚀性、植被覆盖度必选；逐日降雨与降雨侵蚀力任选其一。",
    )  # fmt: skip
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by, "county", "city", "province")  # type: ignore[attr-defined]
        ready = Upload.objects.for_person(by).filter(status=Upload.Status.READY)
        self.fields["inputs"].queryset = ready  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    """What a reviewer says of a result (审核意见)."""

    reason = forms.CharField(
        label="审核意见", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
