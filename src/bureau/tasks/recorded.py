"""
Figures whose amount the ledger of planned quantities records (任务量台账已记的数字).

A document's figure and a planned quantity with the same key, of the same region, are one quantity. It is recorded once:
piece by piece, with place and evidence, under the targets. Tasks read the sum there and ask nobody for it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bureau.access import Duty
from bureau.office.models import Person
from bureau.regions.codes import prefix_of
from bureau.targets.models import PlannedQuantity, Progress
from bureau.targets.planned import may_decide
from bureau.targets.selectors import progress_for
from bureau.tasks.models import Figure, Register
from bureau.units import converted


@dataclass(frozen=True)
class Recorded:
    """
    What the ledger of planned quantities says of a figure (任务量台账所记).

    Attributes
    ----------
    quantity : PlannedQuantity
    amount : Decimal
        What was confirmed of the region and all within it, in the unit of the figure.
    entries : int
        How many reports make it.
    waiting : int
        How many more wait to be confirmed.
    imaginary : bool
        Whether a made-up report is among them.
    """

    quantity: PlannedQuantity
    amount: Decimal
    entries: int
    waiting: int
    imaginary: bool


def quantities_of(figures: Iterable[Figure]) -> dict[int, PlannedQuantity]:
    """
    Return, by the key of each figure that one records, the planned quantity (对应的任务量).

    Parameters
    ----------
    figures : iterable of Figure
        Those that are not counted, or come every year, have none; a quantity whose unit cannot be turned into the figure's
        is not the same.
    """
    asked = [figure for figure in figures if figure.counted and not figure.yearly and figure.key]
    if not asked:
        return {}
    registers = Register.objects.filter(pk__in={figure.register_id for figure in asked})
    regions = dict(registers.order_by().values_list("pk", "region_id"))  # at once: a figure does not bring its document
    keys = {figure.key for figure in asked}
    found = PlannedQuantity.objects.filter(key__in=keys).select_related("region").defer("region__border")
    there = {(quantity.region_id, quantity.key): quantity for quantity in found}
    matched = {}
    for figure in asked:
        quantity = there.get((regions[figure.register_id], figure.key))
        if quantity is not None and converted(Decimal(1), quantity.unit, figure.unit) is not None:
            matched[figure.pk] = quantity
    return matched


def quantity_of(figure: Figure) -> PlannedQuantity | None:
    """Return the planned quantity that records a figure; None if reports of the task do (对应的任务量)."""
    return quantities_of([figure]).get(figure.pk)


def entries_of(person: Person, quantities: Iterable[PlannedQuantity]) -> dict[int, list[Progress]]:
    """Return the reports of planned quantities that a person sees and that stand, by the key of the quantity (任务量进展)."""
    keys = {quantity.pk for quantity in quantities}
    entries = Progress.objects.for_person(person).standing().filter(quantity__in=keys)
    found: dict[int, list[Progress]] = defaultdict(list)
    for entry in entries if keys else ():
        found[entry.quantity_id].append(entry)
    return found


def recorded(*, figure: Figure, quantity: PlannedQuantity, entries: Iterable[Progress], region: str) -> Recorded:
    """
    Return what the ledger says of a figure, of a region and all within it, of what a person sees (任务量台账所记).

    Parameters
    ----------
    figure : Figure
    quantity : PlannedQuantity
        The one that records it, see :func:`quantities_of`.
    entries : iterable of Progress
        Reports of the quantity, see :func:`entries_of`.
    region : str
        Code of the region that owes it.
    """
    within = [entry for entry in entries if entry.region_id.startswith(prefix_of(region))]
    counted = [entry for entry in within if entry.confirmed is not None]
    amount = converted(sum((entry.amount for entry in counted), Decimal(0)), quantity.unit, figure.unit)
    assert amount is not None  # noqa: S101 - quantities_of gives only those that can be turned
    made_up = any(entry.simulated for entry in counted)
    return Recorded(quantity, amount, len(counted), len(within) - len(counted), made_up)


def recorded_below(
    *, person: Person, figure: Figure, quantity: PlannedQuantity, codes: Iterable[str]
) -> dict[str, str]:
    """
    Return what is confirmed of a figure in each of some regions and all within it, in words (下级已记的数).

    Parameters
    ----------
    person : Person
    figure : Figure
    quantity : PlannedQuantity
        The one that records it.
    codes : iterable of str
        Regions; those of which nothing is confirmed are left out.
    """
    done = list(progress_for(person, quantity).counted().values_list("region_id", "amount"))
    told = {}
    for code in codes:
        amount = sum((amount for region, amount in done if region.startswith(prefix_of(code))), Decimal(0))
        turned = converted(amount, quantity.unit, figure.unit)
        if amount and turned is not None:
            told[code] = f"{turned.normalize():f} {figure.unit}"
    return told


def progress_to_decide(person: Person) -> list[Progress]:
    """Return the reports of planned quantities that wait for a person to confirm them (待确认的任务量进展)."""
    if not person.has_any_duty([Duty.REVIEW]):
        return []
    waiting = Progress.objects.for_person(person).waiting().exclude(by=person)
    waiting = waiting.select_related("quantity", "region", "by__organisation").defer("region__border")
    return [progress for progress in waiting.order_by("at", "pk") if may_decide(person, progress)]
