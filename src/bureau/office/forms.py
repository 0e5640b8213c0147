"""Forms of organisations and people (机构人员表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from bureau.access import Duty
from bureau.office.models import Organisation, Person
from bureau.regions.models import Level, Region


class InvitationForm(forms.Form):
    """Whom one invites, where to, and what for (邀请)."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="机构", empty_label="请选择")
    name = forms.CharField(label="姓名", max_length=40)
    username = forms.CharField(label="登录名", max_length=40, validators=Person._meta.get_field("username").validators)
    duties = forms.MultipleChoiceField(label="岗位", choices=Duty.choices, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.for_person(by).filter(active=True)  # type: ignore[attr-defined]


class PeopleForm(forms.Form):
    """A workbook of people (人员工作簿)."""

    file = forms.FileField(
        label="工作簿（XLSX）",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="下载模板，照样填好后上传。",
    )


class PasswordForm(forms.Form):
    """The password that somebody chooses (设置口令): at an invitation, or after losing the old one."""

    password = forms.CharField(
        label="口令", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False,
        help_text="至少 10 位，含小写字母、大写字母、数字、符号中的三类；不能是常见口令。",
    )  # fmt: skip
    again = forms.CharField(
        label="再输一次", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ (核对)."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("password") != given.get("again"):
            self.add_error("again", "两次输入的口令不同；请重新输入。")
        return given


class DutiesForm(forms.Form):
    """The duties of a person (岗位)."""

    duties = forms.MultipleChoiceField(
        label="岗位", choices=Duty.choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class RegionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A region: with what it lies in and its code, for many counties have one name (行政区)."""

    def label_from_instance(self, region: Region) -> str:
        """Return how a region is called among all others (选项)."""
        within = f"{region.parent.name} " if region.parent and region.level in (Level.COUNTY, Level.TOWN) else ""
        return f"{within}{region.name}（{region.code}）"


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """An organisation (机构)."""

    region = RegionField(Region.objects.none(), label="行政区", empty_label="请选择")
    above = forms.ModelChoiceField(
        Organisation.objects.none(), label="上级机构", required=False, empty_label="没有上级机构"
    )

    class Meta:
        model = Organisation
        fields = ("name", "region", "kind", "above", "active")

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.filter(code__startswith=by.scope).select_related("parent")
        self.fields["region"].queryset = regions.defer("border", "parent__border")  # type: ignore[attr-defined]
        self.fields["above"].queryset = Organisation.objects.for_person(by)  # type: ignore[attr-defined]
        if self.instance.pk is None:
            del self.fields["active"]

    def validate_unique(self) -> None:
        """Leave twins to the service, which says what to do (重名由业务层拒绝)."""

    def validate_constraints(self) -> None:
        """Leave twins to the service (重名由业务层拒绝)."""

    def _post_clean(self) -> None:
        """Leave the organisation as it is: the service changes it."""
