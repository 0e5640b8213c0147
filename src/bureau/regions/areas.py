"""Areas of regions by their borders (行政区面积)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import FloatField, Func

from bureau.regions.models import Region


def border_areas(codes: Iterable[str]) -> dict[str, int]:
    """
    Return the areas of regions by their borders, on the ellipsoid, whole m²; those without a border are left out (界内面积).

    Parameters
    ----------
    codes : iterable of str
    """
    area = Func("border", template="ST_Area((%(expressions)s)::geography)", output_field=FloatField())
    found = Region.objects.filter(code__in=list(codes), border__isnull=False).annotate(m2=area)
    return {code: round(m2) for code, m2 in found.values_list("code", "m2")}
