"""Publishing what is in a region folder: whole, checked, by two people, and once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU, area_of

from bureau.publications import media
from bureau.publications.models import ClassSum, Fact, Publication, Raster, RegionSummary, Status, Watershed, Zone
from bureau.publications.selectors import rates
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.facts import Facts
from shuibao.facts import rates as rates_of_facts
from shuibao.ground.files import sha256_of
from shuibao.rules import load_rules

Act = Callable[..., Publication]


def test_the_facts_in_the_database_are_those_of_the_folder(published: Act, folder: Path) -> None:
    made = published()
    table = Facts.read(folder / "products" / "facts.parquet").table
    assert made.status == Status.PUBLISHED
    assert made.version == 1
    assert made.simulated
    assert made.title == "忻州市 2024 年水土流失动态监测调查成果"
    found = made.facts.aggregate(cells=Sum("cells"), area=Sum("area_m2"), loss=Sum("soil_loss_t"))
    assert made.facts.count() == table.num_rows
    assert found["cells"] == sum(table["cells"].to_pylist())
    assert found["area"] == pytest.approx(area_of(folder), rel=1e-9)
    assert found["loss"] == pytest.approx(sum(table["soil_loss_t"].to_pylist()))


def test_the_rates_are_those_that_shuibao_tells(published: Act, folder: Path) -> None:
    published()
    told = rates_of_facts(
        Facts.read(folder / "products" / "facts.parquet"), {}, load_rules(["national", "shanxi"]), region_name="忻州市"
    )
    found = {figure.region_code: figure for figure in rates("1409")}
    assert set(found) == {WUZHAI, PIANGUAN, XINZHOU}
    for rate in told:
        figure = found[rate.code or XINZHOU]
        assert figure.percent == pytest.approx(rate.rate)
        assert figure.land_m2 == pytest.approx(rate.area_m2)
        assert figure.simulated
        assert figure.complete
        assert figure.low is None
    assert {figure.region_code for figure in rates("14")} == {WUZHAI, PIANGUAN, XINZHOU, "140000"}
    assert not {f.region_code: f for f in rates("14")}["140000"].complete
    assert not rates("22")


def test_every_summary_adds_up_to_the_land(published: Act) -> None:
    made = published()
    for code in (WUZHAI, PIANGUAN, XINZHOU):
        summary = RegionSummary.objects.get(publication=made, region_id=code)
        for dimension in ("intensity", "land_use", "slope_class", "cover_class"):
            sums = ClassSum.objects.filter(publication=made, region_id=code, dimension=dimension).aggregate(
                land=Sum("area_m2"), eroded=Sum("eroded_m2"), loss=Sum("soil_loss_t")
            )
            assert sums["land"] == pytest.approx(summary.land_m2)
            assert sums["eroded"] == pytest.approx(summary.eroded_m2)
            assert sums["loss"] == pytest.approx(summary.soil_loss_t)


def test_rasters_are_kept_as_they_were(published: Act, folder: Path) -> None:
    made = published()
    assert set(made.rasters.values_list("name", flat=True)) == {"soil_loss", "intensity", "slope"}
    for raster in made.rasters.all():
        assert raster.sha256 == sha256_of(folder / "products" / f"{raster.name}.tif")
        assert sha256_of(media.raster_path(raster)) == raster.sha256


def test_zones_are_published_as_they_are_now(published: Act) -> None:
    made = published(kind="zones", theme="steep_slope")
    assert made.zones.count() == 7
    uncut = made.zones.get(county_id=XINZHOU)
    assert uncut.geometry.srid == 4490
    assert uncut.attributes["mean_slope"] == 26.5
    total = ClassSum.objects.get(publication=made, region_id=XINZHOU, dimension="zone", code="steep_slope")
    assert total.count == 7
    assert total.area_m2 == pytest.approx(70_000, rel=1e-6)


def test_the_provenance_says_what_it_rests_on(published: Act) -> None:
    told = published(origin="委托 12 号").provenance
    assert told["software"].startswith("shuibao ")
    assert told["rule_packs"] == ["national", "shanxi"]
    assert told["data_kind"] == "模拟数据"
    assert told["origin"] == "委托 12 号"
    assert "inputs/dem.tif" in told["inputs"]
    assert "products/facts.parquet" in told["products"]
    assert told["drafts"]


def test_the_same_bytes_are_published_once(published: Act) -> None:
    first = published()
    assert published() == first
    assert Publication.objects.count() == 1


def test_a_later_version_supersedes_the_one_before(published: Act, another_run: Path) -> None:
    first, second = published(), published(folder=another_run)
    first.refresh_from_db()
    assert (first.status, second.status, second.version) == (Status.SUPERSEDED, Status.PUBLISHED, 2)
    assert first.superseded_at == NOW
    assert {figure.version for figure in rates("1409")} == {2}
    with pytest.raises(Refusal, match="已被取代的第 1 版") as refused:
        published()
    assert refused.value.code == "published-before"


def test_whatever_fails_leaves_nothing_behind(published: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any, **words: Any) -> None:
        raise RuntimeError("power")

    monkeypatch.setattr("bureau.publications.services.copy_watersheds", fail)
    monkeypatch.setattr("bureau.publications.services.summarise_facts", fail)
    with pytest.raises(RuntimeError):
        published()
    for model in (Publication, Fact, Watershed, Zone, Raster, RegionSummary, ClassSum):
        assert not model.objects.exists()


@pytest.mark.parametrize(
    "given, code",
    [
        ({"year": 2023}, "other-year"),
        ({"kind": "zones", "theme": "severe_fragile"}, "unreadable"),
        ({"kind": "zones", "theme": "marsh"}, "no-theme"),
    ],
)
def test_what_does_not_fit_is_refused(published: Act, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        published(**given)
    assert refused.value.code == code
    assert not Publication.objects.exists()


def test_a_folder_that_was_not_run_or_was_changed_is_refused(published: Act, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        published(folder=tmp_path)
    assert refused.value.code == "not-a-region"
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "products" / "intensity.tif").write_bytes(b"other")
    with pytest.raises(Refusal) as refused:
        published(folder=copy)
    assert refused.value.code == "products-changed"
    (copy / "records" / "land.json").unlink()
    with pytest.raises(Refusal) as refused:
        published(folder=copy)
    assert refused.value.code == "not-run"


def test_the_counties_must_be_those_of_the_region(published: Act) -> None:
    with pytest.raises(Refusal, match="140932") as refused:
        published(region=Region.objects.get(code=WUZHAI))
    assert refused.value.code == "other-region"
    Region.objects.create(code="140922", name="五台县", level="county", parent_id=XINZHOU)
    with pytest.raises(Refusal, match="140922") as refused:
        published()
    assert refused.value.code == "counties-missing"


def test_it_takes_two_people_of_the_region(published: Act, person: Callable[..., Any]) -> None:
    reviewer = person("clerk", "review", region=XINZHOU)
    for by, other, code in (
        (reviewer, reviewer, "second-person"),
        (person("clerk", region=WUZHAI), reviewer, "not-your-region"),
        (person("view", region=XINZHOU), reviewer, "not-your-region"),
        (reviewer, person("review", region=WUZHAI), "not-a-reviewer"),
        (reviewer, person("clerk", region=XINZHOU), "not-a-reviewer"),
        (person("clerk", region="220100"), reviewer, "not-your-region"),
    ):
        with pytest.raises(Refusal) as refused:
            published(by=by, reviewed_by=other)
        assert refused.value.code == code
    assert published(by=person("clerk", region="140000"), reviewed_by=reviewer).version == 1
