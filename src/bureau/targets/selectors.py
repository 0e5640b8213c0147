"""What others read of targets (目标读取)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from bureau.office.models import Organisation, Person
from bureau.regions.codes import parent_code, prefix_of
from bureau.regions.models import Level, Region
from bureau.targets.models import Decomposition, PlannedQuantity, Progress, ProgressQuerySet, Proposal, Target
from bureau.targets.standing import lineage_codes


def targets_of(region_code: str) -> dict[int, Decimal]:
    """
    Return the conservation rates that a region has to reach, percent by year (现行目标).

    Parameters
    ----------
    region_code : str
        Whoever asks has made sure that it may be seen.
    """
    return dict(Target.objects.in_force().filter(region_id=region_code).values_list("year", "percent"))


def targets_among(codes: Iterable[str]) -> dict[str, dict[int, Decimal]]:
    """
    Return the conservation rates that some regions have to reach, percent by code and year (各区现行目标).

    Parameters
    ----------
    codes : iterable of str
        Whoever asks has made sure that they may be seen.
    """
    found: dict[str, dict[int, Decimal]] = {}
    kept = Target.objects.in_force().filter(region_id__in=list(codes))
    for code, year, percent in kept.values_list("region_id", "year", "percent"):
        found.setdefault(code, {})[year] = percent
    return found


def target_years(person: Person) -> list[int]:
    """Return the years that targets in force are set for, of what a person sees (目标年)."""
    seen = Target.objects.in_force().filter(
        Q(region__code__startswith=person.scope) | Q(region_id__in=lineage_codes(person.organisation.region_id))
    )
    return sorted(set(seen.values_list("year", flat=True)))


def year_ahead(years: Iterable[int], today: date) -> int:
    """Return the first of some years that is not over, the last if all are (最近的目标年)."""
    ordered = sorted(years)
    return next((year for year in ordered if year >= today.year), ordered[-1] if ordered else today.year)


def year_of(region: Region, years: Iterable[int], today: date) -> int:
    """
    Return the target year that a region looks to (默认目标年): of its own targets, where it has any.

    Parameters
    ----------
    region : Region
    years : iterable of int
        Years of all targets that a person sees; a city's may be others than those of its counties.
    today : date
    """
    own = Target.objects.in_force().filter(region=region).values_list("year", flat=True)
    return year_ahead(list(own) or years, today)


def awaiting_approval(person: Person) -> list[Decomposition]:
    """Return the decompositions that somebody else submitted and a person may approve (待批准分解)."""
    found = Decomposition.objects.for_person(person).filter(state=Decomposition.State.SUBMITTED)
    return list(
        found.exclude(submitted_by=person)
        .exclude(made_by=person)
        .select_related("region", "submitted_by")
        .defer("region__border")
    )


def awaiting_proposals(person: Person) -> list[Proposal]:
    """Return the recorded targets of others that a person may approve (待批准的目标)."""
    found = Proposal.objects.for_person(person).waiting().exclude(by=person)
    return list(found.select_related("region").defer("region__border"))


def members_of(region: Region, level: str) -> list[Region]:
    """Return the regions of a level within a region and what they lie in, without borders (下级行政区)."""
    found = Region.objects.filter(code__startswith=region.prefix, level=level).select_related("parent")
    return list(found.defer("border", "parent__border"))


@dataclass(frozen=True)
class QuantityStanding:
    """
    How much of a planned quantity is done, of what a person sees (任务量完成情况).

    Attributes
    ----------
    quantity : PlannedQuantity
    done : Decimal
        In the quantity's unit.
    whole : bool
        Whether that is all of it; otherwise it is what one's own region has done.
    simulated : bool
        Whether any of it is made up (模拟数据).
    today : date
    waiting : int
        Reports that nobody has confirmed yet; they are not in ``done``.
    """

    quantity: PlannedQuantity
    done: Decimal
    whole: bool
    simulated: bool
    today: date
    waiting: int = 0

    @property
    def share(self) -> Decimal | None:
        """Return what is done of the amount, percent (完成率); a part has none, its share of the plan is laid down nowhere."""
        return self.done * 100 / self.quantity.amount if self.whole else None

    @property
    def width(self) -> int:
        """Return the share as the bar shows it, whole percent, at most 100 (进度条)."""
        return min(100, int(self.share or 0))

    @property
    def complete(self) -> bool:
        """Return whether all is done (是否完成)."""
        return self.done >= self.quantity.amount

    @property
    def late(self) -> bool:
        """Return whether the day is past and not all is done, as far as one sees all of it (是否逾期)."""
        return self.whole and not self.complete and self.quantity.due is not None and self.quantity.due < self.today


def planned_for(person: Person) -> list[PlannedQuantity]:
    """Return the planned quantities of what a person sees, and the printed ones of the regions above (任务量)."""
    own = person.organisation.region_id
    return list(
        PlannedQuantity.objects.filter(Q(region__code__startswith=person.scope) | Q(region_id__in=lineage_codes(own)))
        .select_related("region")
        .defer("region__border")
    )


def places_of(person: Person, quantity: PlannedQuantity) -> QuerySet[Region]:
    """Return where a person may report a quantity to have been done, without borders (可填报的完成地)."""
    prefix = max(person.scope, quantity.region.prefix, key=len)
    return Region.objects.filter(code__startswith=prefix).exclude(level=Level.TOWN).defer("border")


def progress_for(person: Person, quantity: PlannedQuantity) -> ProgressQuerySet:
    """Return the reports of a quantity that a person may see (可见进展)."""
    return Progress.objects.for_person(person).filter(quantity=quantity)


def quantity_standings(person: Person, today: date) -> list[QuantityStanding]:
    """
    Return how much of each planned quantity is done, of what a person sees (任务量完成情况).

    Parameters
    ----------
    person : Person
    today : date
    """
    sums: dict[int, tuple[Decimal, bool]] = {}
    seen = Progress.objects.for_person(person)
    waiting = dict(seen.waiting().order_by().values_list("quantity_id").annotate(n=Count("pk")))
    counted = seen.counted()
    for row in counted.values("quantity_id", "simulated").annotate(done=Sum("amount")):
        done, made_up = sums.get(row["quantity_id"], (Decimal(0), False))
        sums[row["quantity_id"]] = done + row["done"], made_up or row["simulated"]
    return [
        QuantityStanding(
            quantity=quantity, done=sums.get(quantity.pk, (Decimal(0), False))[0],
            simulated=sums.get(quantity.pk, (Decimal(0), False))[1],
            whole=prefix_of(quantity.region_id).startswith(person.scope), today=today,
            waiting=waiting.get(quantity.pk, 0),
        )
        for quantity in planned_for(person)
    ]  # fmt: skip


@dataclass(frozen=True)
class Share:
    """
    What a region and those within it have done of a quantity (各地完成).

    Attributes
    ----------
    region : Region
    done : Decimal
    entries : int
        Reports that make it.
    whole : bool
        Whether those within it are added to it; otherwise it is what the region above did beside them.
    """

    region: Region
    done: Decimal
    entries: int
    whole: bool = True


def shares_of(person: Person, quantity: PlannedQuantity) -> list[Share]:
    """
    Return what each region below has done of a quantity, with all within it, and who has reported nothing (各地完成).

    Each report lies in one region and is counted there and nowhere else: the lines come to what is done in all. Listed are
    the regions next below the quantity's, or next below the person's own, that have an organisation or have reported.

    Parameters
    ----------
    person : Person
    quantity : PlannedQuantity
    """
    whole = prefix_of(quantity.region_id).startswith(person.scope)
    root = quantity.region if whole else person.organisation.region
    sums: dict[str, tuple[Decimal, int]] = {}
    for row in progress_for(person, quantity).counted().values("region_id").annotate(done=Sum("amount"), n=Count("pk")):
        at = _below(row["region_id"], root.code)
        done, entries = sums.get(at, (Decimal(0), 0))
        sums[at] = done + row["done"], entries + row["n"]
    there = Organisation.objects.for_person(person).filter(active=True).exclude(region__level=Level.TOWN)
    codes = {_below(code, root.code) for code in there.within(root.code).values_list("region_id", flat=True)} | set(
        sums
    )
    regions = Region.objects.filter(code__in=codes).defer("border").order_by("code")
    return [
        Share(region, *sums.get(region.code, (Decimal(0), 0)), whole=region.code != root.code)
        for region in regions
        if region.code != root.code or region.code in sums
    ]


def _below(code: str, root: str) -> str:
    """Return the region next below the root that holds a region; the root for itself."""
    at = code
    while at != root and (above := parent_code(at)) not in (None, root):
        at = str(above)
    return at
