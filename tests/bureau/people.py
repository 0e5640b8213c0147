"""Regions and people for tests: Shanxi, Xinzhou and its counties, and one county of Jilin."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from bureau.office.models import Appointment, Organisation, Person
from bureau.regions.models import Level, Region

REGIONS = (
    ("000000", "全国", Level.NATION, None),
    ("140000", "山西省", Level.PROVINCE, "000000"),
    ("140900", "忻州市", Level.CITY, "140000"),
    ("140928", "五寨县", Level.COUNTY, "140900"),
    ("140932", "偏关县", Level.COUNTY, "140900"),
    ("140100", "太原市", Level.CITY, "140000"),
    ("140121", "清徐县", Level.COUNTY, "140100"),
    ("220000", "吉林省", Level.PROVINCE, "000000"),
    ("220100", "长春市", Level.CITY, "220000"),
    ("220122", "农安县", Level.COUNTY, "220100"),
)
number = count(1)


def make_regions() -> None:
    """Make the regions; a square stands for each border, a degree wide for a county."""
    for code, name, level, parent in REGIONS:
        Region.objects.update_or_create(code=code, defaults={"name": name, "level": level, "parent_id": parent})


def make_organisation(region: str = "140928") -> Organisation:
    """Return the bureau of a region."""
    found, _ = Organisation.objects.get_or_create(region_id=region, name=f"{region} 水利局")
    return found


def make_person(*duties: str, region: str = "140928", with_second_factor: bool = True, **fields: Any) -> Person:
    """Make a person of a region's bureau with some duties, and a second factor."""
    at, organisation = next(number), make_organisation(region)
    made = Person.objects.make(
        username=f"p{at}", name=f"人员{at}", organisation=organisation, password="Good-enough-1", **fields
    )
    for duty in duties:
        Appointment.objects.create(person=made, duty=duty, since=date(2020, 1, 1))
    if with_second_factor:
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(made, generate_totp_secret())
    return made
