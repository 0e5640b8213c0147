"""Who may open which page of commissions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.commissions.models import Commission, PatchBatch, Upload
from bureau.commissions.previewing import FOLDER, MAP


def commission(region: str) -> dict[str, Any]:
    """Make a commission of a region."""
    made = Commission.objects.create(
        region_id=region,
        year=2024,
        imaginary=True,
        by=make_person("clerk", region=region),
        ordered=datetime(2026, 3, 5, tzinfo=UTC),
    )
    return {"pk": made.pk}


def result_file(region: str) -> dict[str, Any]:
    """Make a commission that is computed, and the map of its result."""
    words = commission(region)
    Commission.objects.filter(pk=words["pk"]).update(status="finished")
    path = Commission.objects.get(pk=words["pk"]).folder / FOLDER / MAP
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG")
    return words | {"name": MAP}


def upload(region: str) -> dict[str, Any]:
    """Make an upload of a region."""
    made = Upload.objects.create(
        region_id=region, kind="dem", said="m", name="dem.tif", by=make_person("clerk", region=region),
        at=datetime(2026, 3, 5, tzinfo=UTC), raw="incoming/x.tif", status="ready",
    )  # fmt: skip
    return {"pk": made.pk}


def patch_batch(region: str) -> dict[str, Any]:
    """Make a file of patches of a region."""
    made = PatchBatch.objects.create(
        region_id=region, year=2024, batch="第 1 期", name="图斑.gpkg", by=make_person("clerk", region=region),
        at=datetime(2026, 3, 5, tzinfo=UTC), raw="incoming/x.gpkg", status="checked",
        details={"columns": ["QDNM"], "samples": {}}, columns={"number": "QDNM"},
    )  # fmt: skip
    return {"pk": made.pk}


LINES = (
    Line("commissions:list", post=200),
    Line("commissions:order", duties=("clerk",), post=200),
    Line("commissions:commission", post=200, of=commission),
    Line("commissions:result_file", of=result_file),
    Line("commissions:act", get=None, post=302, of=lambda region: {**commission(region), "name": "cancel"}),
    Line("commissions:uploads", post=200),
    Line("commissions:remove_upload", duties=("clerk",), get=None, post=302, of=upload),
    Line("commissions:upload", duties=("clerk",), post=200),
    Line("commissions:patches"),
    Line("commissions:bring_patches", duties=("clerk",), post=200),
    Line("commissions:patch_batch", of=patch_batch),
    Line("commissions:patch_meaning", duties=("clerk",), get=None, post=200, of=patch_batch),
    Line("commissions:patch_act", get=None, post=302, of=lambda region: {**patch_batch(region), "name": "withdraw"}),
)
