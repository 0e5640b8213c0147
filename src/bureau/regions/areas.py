"""Areas of regions by their borders (行政区面积)."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.regions.models import Region


def border_areas(codes: Iterable[str]) -> dict[str, int]:
    """
    Return the areas of regions by their borders, on the ellipsoid, whole m²; those without a border are left out (界内面积).

    Parameters
    ----------
    codes : iterable of str
    """
    found = Region.objects.filter(code__in=list(codes), border_m2__isnull=False)
    return {code: round(m2) for code, m2 in found.values_list("code", "border_m2")}
