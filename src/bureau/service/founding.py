"""The first administrator (首任管理员): everybody else is invited, so somebody must be there who invites."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from bureau.access import Duty
from bureau.office.models import Appointment, Organisation, Person
from bureau.regions.loading import load_regions
from bureau.regions.models import Region
from shuibao.messages import CallError


@transaction.atomic
def appoint_first(*, region: str, organisation: str, username: str, name: str, password: str, today: date) -> Person:
    """
    Make the first organisation and its administrator (首任管理员).

    Parameters
    ----------
    region : str
        Code of its region; the regions within are loaded if they are not there.
    organisation, username, name, password : str
    today : date

    Raises
    ------
    ShuibaoError
        If somebody administers already, there is no such region, or the name or the password will not do.
    """
    administrators = Appointment.objects.in_force(today).filter(duty=Duty.ADMINISTER, person__is_active=True)
    if administrators.exists():
        who = administrators.select_related("person").first()
        raise CallError(
            f"已有机构管理员（{who.person if who else ''}）；其他人请由其在“机构人员”页邀请。",
            "Somebody administers already; let them invite others.",
        )
    if not Region.objects.filter(code=region).exists():
        load_regions([region])
    if not Region.objects.filter(code=region).exists():
        raise CallError(f"没有行政区代码 {region}；请用六位代码，如 140000。", f"No region has the code {region}.")
    try:
        validate_password(password, Person(username=username, name=name))
        home, _ = Organisation.objects.get_or_create(region_id=region, name=organisation)
        person = Person.objects.make(username=username, name=name, organisation=home, password=password)
    except ValidationError as wrong:
        raise CallError("；".join(wrong.messages), "; ".join(wrong.messages)) from wrong
    Appointment.objects.create(person=person, duty=Duty.ADMINISTER, since=today)
    return person
