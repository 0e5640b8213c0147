"""
The demonstration (演示): organisations and people of Shanxi, Xinzhou and its counties, with made-up data only.

Everything that is loaded is imaginary (模拟数据), and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from bureau.access import Duty
from bureau.delimitation.demonstration import order as order_delimitation
from bureau.office.models import Appointment, Organisation, Person
from bureau.publications.demonstration import order as order_publications
from bureau.publications.patch_demonstration import load_patches
from bureau.regions.loading import load_regions
from bureau.regions.models import Region
from bureau.targets.demonstration import load as load_targets
from bureau.tasks.demonstration import load as load_tasks
from shuibao.messages import say

PASSWORD = "Shuibao-demo-2024"  # noqa: S105 - printed for everybody who runs the demonstration
PROVINCE, CITY = "140000", "140900"
JILIN = "220000"
"""Province whose documents the registers of tasks hold beside Xinzhou's."""


@dataclass(frozen=True)
class Account:
    """An account of the demonstration (演示账号)."""

    username: str
    name: str
    region: str
    organisation: str
    duties: tuple[Duty, ...]

    def __str__(self) -> str:
        duties = "、".join(duty.label for duty in self.duties)
        return f"{self.username:<10} {PASSWORD}  {self.organisation}（{duties}）"


ACCOUNTS = (
    Account("sheng", "山水（模拟）", PROVINCE, "山西省水利厅", (Duty.REVIEW, Duty.APPROVE)),
    Account("shi", "石清（模拟）", CITY, "忻州市水利局", (Duty.CLERK, Duty.REVIEW)),
    Account("guanli", "关理（模拟）", PROVINCE, "山西省水利厅", (Duty.ADMINISTER,)),
    Account("xian", "田禾（模拟）", "140928", "五寨县水利局", (Duty.CLERK,)),
    Account("xian2", "谷雨（模拟）", "140932", "偏关县水利局", (Duty.CLERK,)),
    Account("chakan", "陆观（模拟）", CITY, "忻州市水利局", (Duty.VIEW,)),
    Account("jilin", "林望（模拟）", JILIN, "吉林省水利厅", (Duty.CLERK,)),
    Account("jilin2", "松河（模拟）", JILIN, "吉林省水利厅", (Duty.REVIEW,)),
    Account("nongan", "苗青（模拟）", "220122", "农安县水利局", (Duty.CLERK,)),
)
"""People of the demonstration; the counties' bureaus are made too."""


def accounts() -> tuple[Account, ...]:
    """Return the accounts that are there to sign in with (演示账号)."""
    there = set(Person.objects.filter(username__in=[a.username for a in ACCOUNTS]).values_list("username", flat=True))
    return tuple(account for account in ACCOUNTS if account.username in there)


def load(tell: Callable[[str], None] = lambda line: None) -> None:
    """
    Load the demonstration; what is there already is left alone (装载演示).

    Parameters
    ----------
    tell : callable
        Told what is being done.
    """
    if not Region.objects.filter(code=CITY).exists():
        tell(say("装载行政区 …", "Loading regions …"))
        load_regions([PROVINCE])
    if not Region.objects.filter(code=JILIN).exists():
        load_regions([JILIN])
    make_people()
    report_tasks()
    load_targets()
    load_patches()
    order_publications(tell)
    order_delimitation(tell)


@transaction.atomic
def make_people() -> None:
    """Make the organisations and people (机构与人员)."""
    _organisation(PROVINCE, "山西省水利厅", None)
    _organisation(CITY, "忻州市水利局", Organisation.objects.get(region_id=PROVINCE, name="山西省水利厅"))
    city = Organisation.objects.get(region_id=CITY, name="忻州市水利局")
    for county in Region.objects.filter(parent_id=CITY):
        _organisation(county.code, f"{county.name}水利局", city)
    for code, name in ((JILIN, "吉林省水利厅"), ("220122", "农安县水利局")):
        _organisation(code, name, None)
    for account in ACCOUNTS:
        if Person.objects.filter(username=account.username).exists():
            continue
        organisation = Organisation.objects.get(region_id=account.region, name=account.organisation)
        person = Person.objects.make(
            username=account.username, name=account.name, organisation=organisation, password=PASSWORD
        )
        for duty in account.duties:
            Appointment.objects.create(person=person, duty=duty, since=timezone.localdate())


def report_tasks() -> None:
    """Load the registers of tasks, with made-up reports (任务)."""
    there = {person.username: person for person in Person.objects.select_related("organisation__region")}
    clerks = [there[a.username] for a in ACCOUNTS if Duty.CLERK in a.duties and a.username in there]
    reviewers = [there[a.username] for a in ACCOUNTS if Duty.REVIEW in a.duties and a.username in there]
    load_tasks(clerks=clerks, reviewers=reviewers, now=timezone.now(), today=timezone.localdate())


def _organisation(region: str, name: str, above: Organisation | None) -> None:
    Organisation.objects.get_or_create(region_id=region, name=name, defaults={"above": above})
