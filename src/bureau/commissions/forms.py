"""Forms of uploads and orders (上传与委托表单)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from bureau.commissions.kinds import KINDS
from bureau.commissions.models import Upload
from bureau.commissions.years import FIRST_YEAR as FIRST_YEAR
from bureau.commissions.years import LAST_YEAR as LAST_YEAR
from bureau.commissions.years import YearField
from bureau.office.models import Person
from bureau.publications.counting import FOLLOWS
from bureau.regions.models import Region
from shuibao.ground.grid import CELL_SIZES


def own_regions(by: Person, *levels: str) -> Any:
    """Return the regions of some levels that a person may choose among (可选行政区)."""
    return Region.objects.filter(code__startswith=by.scope, level__in=levels)


class UploadForm(forms.Form):
    """A file, what it is, and what it is of (上传资料)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="行政区", empty_label="请选择")
    kind = forms.ChoiceField(
        label="种类与单位", choices=[],
        help_text="区域文件夹：shuibao new 建立的整个文件夹（region.toml 与 inputs/），上传后按 shuibao check 检查，全部问题一次列出。",
    )  # fmt: skip
    file = forms.FileField(
        label="文件",
        help_text="GeoTIFF、CSV、GeoPackage，或其 ZIP 压缩包；区域文件夹、24 个半月盖度与土壤质地各打成一个 ZIP。",
    )

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


class UploadsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Uploads, each by what tells it from the others (选用资料)."""

    def label_from_instance(self, obj: Any) -> str:
        """Return kind, unit, name, region and day of an upload (资料说明)."""
        unit = f"（{obj.said_label}）" if obj.said_label else ""
        return f"{obj.get_kind_display()}{unit}：{obj.name}，{obj.region.name}，{timezone.localtime(obj.at):%Y-%m-%d}"


class OrderForm(forms.Form):
    """What is to be computed, and from what (委托计算)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="行政区", empty_label="请选择")
    year = YearField(label="年份", help_text=f"{FIRST_YEAR} 年到今年。")
    cell = forms.TypedChoiceField(
        label="像元", coerce=int, choices=[(int(c), f"{c:.0f} 米") for c in reversed(CELL_SIZES)]
    )
    source = forms.ChoiceField(
        label="数据来源", choices=[("uploads", "选用上传资料"), ("imaginary", "模拟数据（演示、培训用）")],
        widget=forms.RadioSelect, initial="uploads",
    )  # fmt: skip
    inputs = UploadsField(
        Upload.objects.none(), label="资料", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="高程、土地利用必选；逐日降雨或降雨侵蚀力、土壤可蚀性或土壤质地、年均或 24 个半月植被覆盖度，各选其一。"
        "区域文件夹单独选用，年份与像元以文件夹为准。",
    )  # fmt: skip
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="最多 1000 字。",
    )

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by, "county", "city", "province")  # type: ignore[attr-defined]
        ready = Upload.objects.for_person(by).filter(status=Upload.Status.READY).select_related("region")
        self.fields["inputs"].queryset = ready.order_by("kind", "-at")  # type: ignore[attr-defined]
        if not ready:
            del self.fields["inputs"]


class JudgeForm(forms.Form):
    """What a reviewer says of a result (审核意见)."""

    reason = forms.CharField(
        label="审核意见", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
    partial = forms.BooleanField(
        label="照样发布", required=False, help_text=f"这份成果没有覆盖全县。{FOLLOWS}。"
    )  # fmt: skip

    def __init__(self, *args: Any, partial: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not partial:
            del self.fields["partial"]
