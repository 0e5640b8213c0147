"""What others read of organisations and people (机构人员查询)."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from bureau.office.models import Appointment, Organisation, Person


def organisations_with_people(*, person: Person, words: str, today: date) -> QuerySet[Organisation]:
    """
    Return the organisations in somebody's scope with their people and the duties in force (机构人员名册).

    Parameters
    ----------
    person : Person
        Whoever asks.
    words : str
        Part of the name of an organisation, a region or a person; empty for all.
    today : date
    """
    found = Organisation.objects.for_person(person).select_related("region", "above")
    people = Person.objects.for_person(person).order_by("-is_active", "name")
    if words:
        named = Q(people__name__icontains=words) | Q(people__username__icontains=words)
        found = found.filter(Q(name__icontains=words) | Q(region__name__icontains=words) | named).distinct()
    in_force = Prefetch("appointments", Appointment.objects.in_force(today), to_attr="in_force")
    return found.prefetch_related(Prefetch("people", people.prefetch_related(in_force)))
