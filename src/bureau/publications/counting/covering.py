"""How much of a county a survey covers (覆盖比例): land of the result over the area within the county's border."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, FloatField
from django.db.models.functions import Cast, NullIf

from bureau.regions.models import Region

Share = tuple[str, str, float | None]
"""Code and name of a county, and the share of its area; None where it has no border."""
WHOLE = 0.95
"""
Share of a county's area from which on a result covers the county (chosen).

Borders of two sources differ by some parts in a hundred along rivers and ridges; a result that lacks more than a twentieth
of the land lacks whole townships, and its rate is not the county's.
"""
SHARE = Cast(F("land_m2"), FloatField()) / NullIf(F("region__border_m2"), 0.0)
"""Share of a county's area that a summary is of; nothing where the county has no border."""


@dataclass(frozen=True)
class Covered:
    """
    A county of which a result covers a part only (未覆盖全县).

    Attributes
    ----------
    code, name : str
    share : float
        Of the area within its border.
    """

    code: str
    name: str
    share: float

    def __str__(self) -> str:
        return f"只覆盖{self.name}土地面积的 {self.percent} %"

    @property
    def percent(self) -> str:
        """Return the share as written: one place, and never a nought for something (百分比)."""
        return f"{100 * self.share:.1f}" if self.share >= 0.001 else "不到 0.1"


def partly(shares: Iterable[Share]) -> list[Covered]:
    """
    Return the counties of which a result covers less than :data:`WHOLE`; those without a border cannot be told (未覆盖全县的县).

    Parameters
    ----------
    shares : iterable of (code, name, share)
        Of its counties.
    """
    return [
        Covered(code, name, share) for code, name, share in sorted(shares) if share is not None and share < WHOLE
    ]  # fmt: skip


def shares(land: Mapping[str, float]) -> list[Share]:
    """
    Return which share of counties a result is of that is not published yet (覆盖比例).

    Parameters
    ----------
    land : mapping of str to float
        Area of the result, m², by code of the county.
    """
    return shares_each({0: land})[0]


def shares_each(lands: Mapping[int, Mapping[str, float]]) -> dict[int, list[Share]]:
    """
    Return which share of counties each of several results is of, in one question (各成果的覆盖比例).

    Parameters
    ----------
    lands : mapping of int to mapping of str to float
        As :func:`shares` takes it, by the key of the result.
    """
    codes = {code for land in lands.values() for code in land}
    known = list(Region.objects.filter(code__in=codes).values_list("code", "name", "border_m2"))
    return {
        key: [(code, name, land[code] / border if border else None) for code, name, border in known if code in land]
        for key, land in lands.items()
    }


def said(found: Iterable[Covered]) -> str:
    """
    Return in words how much of which counties is covered (覆盖说明).

    Parameters
    ----------
    found : iterable of Covered

    Examples
    --------
    >>> said([Covered("140928", "五寨县", 0.0012), Covered("140932", "偏关县", 0.5)])
    '只覆盖五寨县土地面积的 0.1 %、偏关县土地面积的 50.0 %'
    """
    rows = list(found)
    return "只覆盖" + "、".join(str(row).removeprefix("只覆盖") for row in rows) if rows else ""


ZONES_FOLLOW = (
    "在这些县，覆盖全县的区域成果优先采用，无论年份与发布先后；没有时才采用它，它没有覆盖的地方就没有这类区域"
)
"""What follows from publishing such zones, in words."""
FOLLOWS = "覆盖全县的成果优先采用，无论发布先后；没有覆盖全县的成果时才采用它，但该县和所在市、省没有这一年的水土保持率，也不进入年度台账"
"""What follows from publishing such a result, in words."""
