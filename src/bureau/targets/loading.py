"""
Targets and planned quantities of the documents that were read (目标装载).

Rate targets come from the target packs of the rules, quantities from ``quantities.toml``. Targets that are there already are
left alone, so that loading anew never touches what an office has decided since; quantities are the documents' own, and are
brought to what is written here.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from bureau.regions.codes import NATION, parent_code, prefix_of
from bureau.regions.models import Level, Region
from bureau.targets.models import PlannedQuantity, Target
from shuibao.rules.targets import Targets, load_targets, target_ids

QUANTITIES = Path(__file__).parent / "quantities.toml"
LEVELS = {0: Level.NATION, 2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY}
"""Level of a region by the length of its prefix."""
NAMES = {NATION: "全国", "140000": "山西省", "220000": "吉林省", "130000": "河北省", "140900": "忻州市"}
"""Names of regions that a document speaks of, or that lie above; the map may not be loaded yet."""


@transaction.atomic
def load_documents() -> int:
    """
    Load the rate targets and the planned quantities of all documents (装载文件目标).

    Returns
    -------
    int
        Rows that are new.
    """
    return sum(_load_pack(load_targets(name)) for name in target_ids()) + _load_quantities()


def _load_pack(pack: Targets) -> int:
    """Load one target pack."""
    whole = NATION if pack.level == "nation" else pack.code
    rates = [(whole, pack.name, pack.totals), *((county.code, county.name, county.percent) for county in pack.entries)]
    new = 0
    for code, name, by_year in rates:
        for year, percent in by_year.items():
            if Target.objects.filter(region_id=code, year=year, pack=pack.id).exists():
                continue
            region = _region(code, name)
            if Target.objects.latest_decided().filter(region=region, year=year).exists():
                continue  # an office has decided otherwise
            Target.objects.create(
                region=region, year=year, percent=Decimal(str(percent)), source=pack.source[:200], clause=pack.clause,
                status=Target.Status.VERIFIED if pack.status == "verified" else Target.Status.DRAFT, pack=pack.id,
            )  # fmt: skip
            new += 1
    return new


def _load_quantities() -> int:
    """Load the planned quantities."""
    rows: list[dict[str, Any]] = tomllib.loads(QUANTITIES.read_text(encoding="utf-8"))["quantity"]
    new = 0
    for row in rows:
        region = _region(row.pop("region"), "")
        _, made = PlannedQuantity.objects.update_or_create(code=row.pop("code"), defaults={"region": region, **row})
        new += made
    return new


def _region(code: str, name: str) -> Region:
    """Return a region; one that no map was loaded for is made without a border, and those above it too."""
    found = Region.objects.filter(code=code).first()
    if found is not None:
        return found
    above = parent_code(code)
    parent = None if above is None else _region(above, "")
    return Region.objects.create(code=code, name=name or NAMES[code], level=LEVELS[len(prefix_of(code))], parent=parent)
