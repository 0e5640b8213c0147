"""Organisations, people and their posts (机构、人员与岗位)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from bureau.access import Duty
from bureau.regions.codes import prefix_of
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


@pghistory.track()
class Organisation(models.Model):
    """An organisation (机构): a bureau of a province, city, county or town, or a unit that works for one."""

    class Kind(models.TextChoices):
        """What kind of organisation (机构类型)."""

        BUREAU = "bureau", "水行政主管部门"
        GOVERNMENT = "government", "人民政府"
        DEPARTMENT = "department", "其他部门"
        TECHNICAL = "technical", "技术支撑单位"

    name = models.CharField("名称", max_length=100)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="organisations")
    kind = models.CharField("类型", max_length=12, choices=Kind, default=Kind.BUREAU)
    above = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级机构", null=True, blank=True, related_name="below"
    )
    active = models.BooleanField("在用", default=True)

    objects = ScopedQuerySet["Organisation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        ordering: ClassVar = ["region_id", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="organisation_named_once_in_a_region"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"].from_queryset(ScopedQuerySet["Person"])):  # type: ignore[misc]
    """People, by the region of their organisation (人员)."""

    def get_queryset(self) -> ScopedQuerySet[Person]:
        """Return people with their organisation: what each request asks of them is how far they see (人员)."""
        found: ScopedQuerySet[Person] = super().get_queryset().select_related("organisation")
        return found

    def get_by_natural_key(self, username: str | None) -> Person:
        """Return the person of a sign-in name, however it is written: WangXin is wangxin (按登录名取人)."""
        return self.get(username__iexact=Person.normalize_username(username or ""))

    def of_sign_in_name(self, username: str) -> Person | None:
        """Return the person of a sign-in name, or None (按登录名找人)."""
        return self.filter(username__iexact=Person.normalize_username(username)).first()

    def make(
        self, *, username: str, name: str, organisation: Organisation, password: str | None, **fields: Any
    ) -> Person:
        """
        Make a person (建立人员).

        Parameters
        ----------
        username, name : str
            Sign-in name, and name.
        organisation : Organisation
        password : str or None
            None: nobody can sign in with it until one is set.
        """
        person = self.model(username=username, name=name, organisation=organisation, **fields)
        person.set_password(password)
        person.full_clean(exclude=["password"])
        person.save()
        return person


@pghistory.track(exclude=["password", "last_login"])
class Person(AbstractBaseUser):
    """A person who signs in (人员). Deactivated people stay: what they did is signed with their name."""

    region_path = "organisation__region__code"

    username = models.CharField(
        "登录名",
        max_length=40,
        unique=True,
        validators=[UnicodeUsernameValidator(message="登录名只能用字母、数字、汉字和 @ . + - _ 。")],
        error_messages={"unique": "登录名已有人使用，请换一个。"},
    )
    name = models.CharField("姓名", max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="机构", related_name="people")
    title = models.CharField("职务", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("在用", default=True)
    joined = models.DateTimeField("加入时间", default=timezone.now, editable=False)

    objects = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering: ClassVar = ["organisation__region__code", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("username"), name="person_username_once_in_any_case",
                violation_error_message="登录名不分大小写，已有人使用；请换一个。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        """Return what the codes of the regions that they see begin with (数据范围)."""
        return prefix_of(self.organisation.region_id)

    @cached_property
    def duties(self) -> frozenset[str]:
        """Return the duties that they have today (现任岗位)."""
        return frozenset(self.appointments.in_force(timezone.localdate()).values_list("duty", flat=True))

    def has_any_duty(self, duties: Iterable[str]) -> bool:
        """Return whether they have one of some duties today (是否任其一)."""
        return bool(self.duties.intersection(duties))

    def may(self, duty: str, region_code: str) -> bool:
        """
        Return whether they may do something for a region (权限).

        Parameters
        ----------
        duty : Duty
        region_code : str
            Code of the region that the thing belongs to.
        """
        return self.is_active and duty in self.duties and region_code.startswith(self.scope)


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    """Appointments (任职)."""

    def in_force(self, day: date) -> AppointmentQuerySet:
        """Return those in force on a day (当日有效)."""
        return self.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gte=day))


@pghistory.track()
class Appointment(models.Model):
    """A person's appointment to a duty (任职), with the days it holds."""

    region_path = "person__organisation__region__code"

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", related_name="appointments")
    duty = models.CharField("岗位", max_length=12, choices=Duty)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True, help_text="含当日；不填为长期")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering: ClassVar = ["person_id", "duty", "since"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="appointment_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_duty_display()}"


@pghistory.track(exclude=["token_hash"])
class Invitation(models.Model):
    """An invitation to become a person of an organisation (邀请): the only way in, there is no open sign-up."""

    region_path = "organisation__region__code"

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="机构", related_name="invitations")
    username = models.CharField("登录名", max_length=40)
    name = models.CharField("姓名", max_length=40)
    title = models.CharField("职务", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    duties = ArrayField(models.CharField(max_length=12, choices=Duty), verbose_name="岗位")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="邀请人", related_name="+")
    sent = models.DateTimeField("发出")
    expires = models.DateTimeField("失效")
    accepted = models.DateTimeField("接受", null=True, blank=True)
    withdrawn = models.DateTimeField("撤回", null=True, blank=True)
    person = models.OneToOneField(
        Person, models.PROTECT, verbose_name="人员", null=True, blank=True, related_name="invitation"
    )

    objects = ScopedQuerySet["Invitation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "邀请"
        ordering: ClassVar = ["-sent"]

    def __str__(self) -> str:
        return f"{self.name}（{self.organisation}）"

    def open_at(self, now: Any) -> bool:
        """Return whether it can still be accepted at a time (是否有效)."""
        return self.accepted is None and self.withdrawn is None and now < self.expires


@pghistory.track(exclude=["token_hash"])
class Recovery(models.Model):
    """A way back in that an administrator gave (恢复登录): a lost second factor taken off, or a link to a new password."""

    class Kind(models.TextChoices):
        """What was lost (恢复事项)."""

        FACTOR = "factor", "重置第二因子"
        PASSWORD = "password", "重置口令"  # noqa: S105 - a kind, no password

    region_path = "person__organisation__region__code"

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", related_name="recoveries")
    kind = models.CharField("事项", max_length=8, choices=Kind)
    reason = models.CharField("事由", max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="办理人", related_name="+")
    at = models.DateTimeField("办理时间")
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    expires = models.DateTimeField("失效", null=True, blank=True)
    used = models.DateTimeField("使用", null=True, blank=True)

    objects = ScopedQuerySet["Recovery"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恢复登录"
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(person=models.F("by")), name="recovery_is_given_by_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="recovery_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_kind_display()}"


@pghistory.track(pghistory.InsertEvent())
class SignIn(models.Model):
    """
    Something that happened at the door (登录记录): somebody signed in or out, was refused or locked out, changed a factor.

    Nothing typed is kept, neither passwords nor codes, nor a sign-in name that nobody has: people type passwords there.
    """

    class What(models.TextChoices):
        """What happened (事项)."""

        IN = "in", "登录"
        OUT = "out", "退出"
        REFUSED = "refused", "登录失败"
        LOCKED = "locked", "锁定"
        CODE = "code", "动态码不对"
        FACTOR_ON = "factor_on", "启用第二因子"
        FACTOR_OFF = "factor_off", "停用第二因子"
        FACTOR_NEW = "factor_new", "生成恢复码"
        PASSWORD = "password", "修改口令"  # noqa: S105 - what happened, no password

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", null=True, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", null=True, related_name="+")
    what = models.CharField("事项", max_length=12, choices=What)
    address = models.GenericIPAddressField("来访地址", null=True)
    at = models.DateTimeField("时间")

    objects = ScopedQuerySet["SignIn"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录记录"
        ordering: ClassVar = ["-at"]
        triggers: ClassVar = [pgtrigger.Protect(name="keep_sign_in", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        who = str(self.person) if self.person_id else "不存在的登录名"
        return f"{who} {self.get_what_display()}"
