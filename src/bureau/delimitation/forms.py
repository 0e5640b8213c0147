"""Forms of zones under review (划定表单)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from bureau.commissions.forms import FIRST_YEAR, LAST_YEAR, own_regions
from bureau.commissions.models import Commission
from bureau.delimitation.commenting import OPINIONS
from bureau.delimitation.deciding import CHOICES
from bureau.delimitation.editing import OVERLAPS
from bureau.delimitation.models import Delimitation, Package
from bureau.delimitation.redrawing import packages_for, results_for
from bureau.delimitation.services import COMPUTED
from bureau.office.models import Person
from bureau.publications.models import Theme
from bureau.regions.models import Region
from shuibao.delimitation.life.comments import OUTCOMES

FILES = "照片、PDF、DOCX、XLSX，可选多个。"


class ManyFilesInput(forms.ClearableFileInput):
    """A choice of several files (多文件选择)."""

    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """Several files (多个文件)."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files, each looked at alone (清洗)."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            super().clean(None, initial)
        return [super(ManyFiles, self).clean(one, initial) for one in given]


class WordsSometimes(forms.CharField):
    """Words of which the form says when they must be given (有时必填): neither page nor field asks for them always."""

    class Area(forms.Textarea):
        """Lines of text that the browser does not ask for (多行文字)."""

        def use_required_attribute(self, initial: Any) -> bool:
            """Leave it to the form (不由浏览器要求)."""
            return False

    widget = Area

    def validate(self, value: Any) -> None:
        """Leave it to the form (由表单要求)."""


class OpenForm(forms.Form):
    """What zones are drawn of, and on what (建立划定)."""

    commission = forms.ModelChoiceField(
        Commission.objects.none(),
        label="计算成果",
        empty_label="请选择",
        help_text="已完成的计算委托；在它的副本上划定，原成果不动。",
    )
    theme = forms.ChoiceField(label="区域类别", choices=Theme.choices)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = Commission.objects.for_person(by).filter(status__in=COMPUTED).select_related("region")
        self.fields["commission"].queryset = ready  # type: ignore[attr-defined]


class PackageForm(forms.Form):
    """A package of zones, and what it is of (上传成果包)."""

    region = forms.ModelChoiceField(Region.objects.none(), label="行政区", empty_label="请选择")
    theme = forms.ChoiceField(label="区域类别", choices=Theme.choices)
    year = forms.IntegerField(label="年份", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    file = forms.FileField(
        label="成果包", help_text="ZIP（GeoPackage、shapefile、清单、元数据）或单个 .gpkg；不超过 512 MB。",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.gpkg"}),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by, "county", "city", "province")  # type: ignore[attr-defined]


class RedrawForm(forms.Form):
    """What zones are drawn anew on, and why (重划)."""

    commission = forms.ModelChoiceField(
        Commission.objects.none(), label="计算成果", required=False, empty_label="沿用现在的计算成果",
        help_text="同一地区、年份的另一次计算，如换了影像、土地利用。",
    )  # fmt: skip
    package = forms.ModelChoiceField(
        Package.objects.none(), label="改用成果包的区域", required=False, empty_label="不用成果包，按规则划",
        help_text="选了成果包就不再计算，参数不起作用。",
    )  # fmt: skip
    why = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, one: Delimitation, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commission"].queryset = results_for(one, by)  # type: ignore[attr-defined]
        self.fields["package"].queryset = packages_for(one, by)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something is changed, and on what (理由与依据)."""

    why = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    evidence = ManyFiles(label="依据材料", required=False, help_text=FILES)


class BoundaryForm(ReasonForm):
    """A boundary as it should be (修改边界)."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=16)
    geometry = forms.CharField(
        label="边界", widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}), strip=True,
        help_text="GeoJSON，CGCS2000 经纬度；在地图上拖动顶点时自动改写，也可以粘贴。",
    )  # fmt: skip
    overlaps = forms.ChoiceField(label="与相邻区域重叠时", choices=OVERLAPS, initial="refuse")
    evidence = ManyFiles(label="依据材料", help_text=f"{FILES}至少一件。")
    field_order = ("token", "geometry", "overlaps", "why", "evidence")


class CommentForm(forms.Form):
    """What somebody says of the zones (意见)."""

    opinion = forms.ChoiceField(label="态度", choices=OPINIONS)
    code = forms.CharField(
        label="区域编号", max_length=60, required=False, help_text="对某一区域的意见；不填则按位置对应。"
    )
    place = forms.CharField(
        label="位置", required=False, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="在地图上点一点或画一个面；也可写 GeoJSON 的点或面。",
    )  # fmt: skip
    text = WordsSometimes(label="意见", max_length=2000, help_text="“同意”的可不填；“建议调整”“不同意”的须写明。")
    photos = ManyFiles(
        label="照片", required=False, help_text="JPG 或 PNG，每张不超过 10 MB，最多 6 张。",
        widget=ManyFilesInput(attrs={"accept": "image/jpeg,image/png"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for words of who does not agree (清洗)."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("opinion") != "agree" and not given.get("text") and "text" not in self.errors:
            self.add_error("text", "请写明意见：建议调整什么，或为何不同意。")
        return given


class CommentsFileForm(forms.Form):
    """Comments as a file (意见文件)."""

    file = forms.FileField(
        label="意见文件", help_text="XLSX、CSV、GeoPackage，或打包为 .zip 的 shapefile；不超过 20 MB、2000 条。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.gpkg,.zip"}),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """What becomes of a comment (答复)."""

    outcome = forms.ChoiceField(label="处理意见", choices=[(key, name) for key, (name, _) in OUTCOMES.items()])
    text = forms.CharField(label="答复内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    edit = forms.IntegerField(
        label="据此所做的修改号", required=False, min_value=1,
        help_text="采纳、部分采纳的，填修改号（见“流程记录”），或在下面写明不改区域的理由。",
    )  # fmt: skip
    unedited = forms.CharField(label="不改区域的理由", required=False, max_length=300)
    codes = forms.CharField(
        label="意见所指区域",
        required=False,
        max_length=600,
        help_text="没有对应的意见，先指明区域编号（逗号分开），或写“全部”。",
    )

    def clean_codes(self) -> list[str] | None:
        """Return codes; none where nothing is said, an empty list for all of them (清洗)."""
        text = self.cleaned_data["codes"].strip()
        if not text:
            return None
        return (
            [] if text == "全部" else [code.strip() for code in text.replace("，", ",").replace("、", ",").split(",")]
        )


class DecisionForm(ReasonForm):
    """What becomes of a change that no longer fits (取舍)."""

    choice = forms.ChoiceField(label="取舍", choices=CHOICES, widget=forms.RadioSelect)
    redone = forms.IntegerField(label="重做它的修改号", required=False, min_value=1)

    def clean(self) -> dict[str, Any]:
        """Ask for the edit that did it again (清洗)."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("choice") == "redo" and not given.get("redone"):
            self.add_error("redone", "请填重做它的修改号。")
        return given


class MoveForm(forms.Form):
    """A move to another stage, or an approval (推进、批准)."""

    note = WordsSometimes(label="说明", max_length=1000, widget=WordsSometimes.Area(attrs={"rows": 2}))
    evidence = ManyFiles(label="依据材料", required=False, help_text=FILES)

    def __init__(self, *args: Any, approving: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "意见" if approving else "说明"
        self.fields["note"].help_text = f"{'批准' if approving else '推进'}可不填；退回调整须写明理由。"


class AnnounceForm(forms.Form):
    """An announcement, or one that corrects it (公告、更正公告)."""

    number = forms.CharField(label="公告文号", max_length=60)
    dated = forms.DateField(
        label="成文日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="不早于批准之日，不晚于今天。",
    )  # fmt: skip
    checked = forms.BooleanField(
        label="核对过文号与日期", error_messages={"required": "请核对文号与日期，再勾选“核对过文号与日期”。"}
    )


class CorrectionForm(AnnounceForm):
    """An announcement with another number or date, and why (更正公告)."""

    why = forms.CharField(label="更正理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("number", "dated", "why", "checked")


class CompareForm(forms.Form):
    """Two versions (版本比较)."""

    a = forms.TypedChoiceField(label="前", coerce=int)
    b = forms.TypedChoiceField(label="后", coerce=int)

    def __init__(self, *args: Any, versions: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(n, f"第 {n} 版" + ("（底图）" if n == 1 else "")) for n in range(1, versions + 1)] or [(0, "底图")]
        self.fields["a"].choices = self.fields["b"].choices = choices  # type: ignore[attr-defined]
