"""Every fault of a raster is found before anything is computed, and said so that it can be mended."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from tests.survey.small_region import (
    CODES,
    NAMES,
    cover,
    elevation,
    input_grid,
    land_use,
    region_grid,
    small_region,
    write_tif,
)

from shuibao.messages import Finding
from shuibao.survey import load_region, run_region
from shuibao.survey.checking import check_region

GAUSS_KRUEGER = "EPSG:4546"  # CGCS2000, central meridian 111°E
BEIJING_54 = "EPSG:2434"  # 3-degree, central meridian 111°E


def findings(folder: Path, **changes: Any) -> tuple[Finding, ...]:
    """Check a small region whose region.toml is changed."""
    return check_region(small_region(folder, files=False, **changes)).findings


def only(found: tuple[Finding, ...]) -> Finding:
    """Return the one finding that there is."""
    assert len(found) == 1, "\n".join(f"{f.where}: {f.en}" for f in found)
    return found[0]


def says(finding: Finding, *parts: str) -> None:
    """Demand that both languages hold some parts."""
    for part in parts:
        assert part in finding.zh, f"{part!r} is not in {finding.zh!r}"
        assert part in finding.en, f"{part!r} is not in {finding.en!r}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sound region folder."""
    return small_region(tmp_path / "region")


def dem(folder: Path, change: Callable[[NDArray[np.float32]], NDArray[Any]], **profile: Any) -> None:
    """Write the elevation model anew, changed."""
    grid = input_grid()
    write_tif(folder / "inputs/dem.tif", change(elevation(grid)), grid, **profile)


def test_a_sound_region_has_no_findings(folder: Path) -> None:
    result = check_region(folder)
    assert result.findings == ()
    assert result.passed
    seen = {"dem", "land_use", "rain", "soil_k", "cover", "measures", "tillage"}
    assert {i.where for i in result.inputs} == {f"inputs.{name}" for name in seen}


def test_a_check_leaves_the_folder_as_it_was(folder: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    check_region(folder)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "inputs/dem.tif").unlink()
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "inputs.dem")
    says(found, "inputs/dem.tif", "region.toml")
    assert "不存在" in found.zh
    assert "not found" in found.en
    assert str(folder) not in found.zh, "messages begin at the region folder"


def test_what_is_not_a_raster_is_refused(folder: Path) -> None:
    (folder / "inputs/landuse.tif").write_text("地类")
    found = only(check_region(folder).findings)
    assert found.where == "inputs.land_use"
    says(found, "inputs/landuse.tif", "GeoTIFF")


def test_a_raster_that_was_cut_short_is_refused(folder: Path) -> None:
    path = folder / "inputs/dem.tif"
    noise = np.random.default_rng(1).uniform(1000, 1300, (600, 600)).astype(np.float32)
    write_tif(
        path, noise, input_grid().grown(250), driver="COG", blocksize=512
    )  # its directory comes first, as in large files
    path.write_bytes(path.read_bytes()[:400_000])
    found = [f for f in check_region(folder).findings if f.where == "inputs.dem"]
    assert any("没有传完" in f.zh and "cut short" in f.en for f in found)


def test_degrees_without_a_coordinate_system_are_refused_with_the_remedy(folder: Path) -> None:
    values = elevation(input_grid())
    degrees = Affine(0.0003, 0, 111.25, 0, -0.0003, 39.55)
    write_tif(folder / "inputs/dem.tif", values, None, crs=None, transform=degrees)
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "inputs.dem")
    says(found, "dem.tif", "111.25", 'crs = "EPSG:4490"', "gdal_edit.py -a_srs")
    assert "没有坐标系" in found.zh
    assert "度" in found.zh
    assert "longitude and latitude" in found.en


@pytest.mark.parametrize(
    "left, remedy", [(495000.0, "EPSG:4546"), (37495000.0, "EPSG:4525"), (19495000.0, "EPSG:4497")]
)
def test_metres_without_a_coordinate_system_are_refused_with_the_likely_zone(
    folder: Path, left: float, remedy: str
) -> None:
    metres = Affine(30, 0, left, 0, -30, 4380000.0)
    write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs=None, transform=metres)
    says(only(check_region(folder).findings), f'crs = "{remedy}"')


def test_a_raster_without_georeference_is_refused(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs=GAUSS_KRUEGER)
    found = only(check_region(folder).findings)
    says(found, "dem.tif", "gdal_translate -a_ullr")


def test_degrees_under_a_projected_system_are_refused(folder: Path) -> None:
    degrees = Affine(0.0003, 0, 111.25, 0, -0.0003, 39.55)
    write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs=GAUSS_KRUEGER, transform=degrees)
    says(only(check_region(folder).findings), "dem.tif", 'crs = "EPSG:4490"')


def test_metres_under_a_geographic_system_are_refused(folder: Path) -> None:
    metres = Affine(30, 0, 525000.0, 0, -30, 4380000.0)
    write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs="EPSG:4490", transform=metres)
    says(only(check_region(folder).findings), "dem.tif", "525000")


def test_an_elevation_model_in_degrees_with_its_system_is_sound(folder: Path) -> None:
    degrees = Affine(0.0003, 0, 111.27, 0, -0.0003, 39.52)
    values = np.tile(elevation(input_grid()), (2, 2))
    write_tif(folder / "inputs/dem.tif", values, None, crs="EPSG:4490", transform=degrees)
    assert check_region(folder).findings == ()


def test_an_unknown_coordinate_system_is_refused(folder: Path) -> None:
    found = only(findings(folder, inputs={"dem": {"crs": "西安八零"}}))
    assert found.where == "inputs.dem.crs"
    says(found, "西安八零", "EPSG:4547")


def test_a_gap_of_the_elevation_model_is_measured_and_placed(folder: Path) -> None:
    def gap(values: NDArray[np.float32]) -> NDArray[np.float32]:
        values[:, 65:] = np.nan  # the 15 easternmost of the region's 60 columns
        return values

    dem(folder, gap)
    errors = [f for f in check_region(folder).findings if f.severity == "error"]
    found = only(tuple(errors))
    assert found.where == "inputs.dem"
    area = 60 * 15 * 0.0009
    says(found, f"{area:g} km²", "25 %", NAMES[1], "°E", "°N", "1%")
    assert NAMES[0] not in found.zh
    assert "东部" in found.zh
    assert "east" in found.en


def test_a_tiny_gap_of_the_elevation_model_is_a_warning(folder: Path) -> None:
    def hole(values: NDArray[np.float32]) -> NDArray[np.float32]:
        values[50, 50:53] = np.nan
        return values

    dem(folder, hole)
    found = check_region(folder).findings
    assert [f.severity for f in found] == ["warning", "warning"]
    assert any("0.0027 km²" in f.zh and "0.0027 km²" in f.en for f in found)
    assert any("12 个像元缺邻近高程" in f.zh and "12 cells without a neighbour" in f.en for f in found)


def test_an_elevation_model_elsewhere_does_not_overlap(folder: Path) -> None:
    metres = Affine(30, 0, 300000.0, 0, -30, 3000000.0)
    write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs=GAUSS_KRUEGER, transform=metres)
    found = only(check_region(folder).findings)
    says(found, "dem.tif", "°E", "°N")
    assert "不相交" in found.zh
    assert "does not overlap" in found.en


def test_two_layers_that_do_not_meet_are_said_to(folder: Path) -> None:
    grid = input_grid()
    height, land = elevation(grid), land_use(grid)
    height[:, 50:], land[:, :50] = np.nan, 0
    write_tif(folder / "inputs/dem.tif", height, grid)
    write_tif(folder / "inputs/landuse.tif", land, grid, nodata=0)
    found = [f for f in check_region(folder).findings if f.where == "inputs.land_use" and f.severity == "error"]
    assert any("没有一处相重叠" in f.zh and "overlap nowhere" in f.en and "dem.tif" in f.en for f in found)


@pytest.mark.parametrize(
    "change, parts",
    [
        (lambda v: v * 10, ("13147", "8850", "10000")),
        (lambda v: np.where(v > 1300, np.float32(-9999), v), ("nodata = -9999",)),
        (lambda v: np.full_like(v, 1200), ("1200 m",)),
        (lambda v: np.where(v > 1300, np.float32(np.inf), v), ("inf",)),
    ],
    ids=["wrong unit", "undeclared missing value", "flat", "infinite"],
)
def test_elevations_that_cannot_be_are_refused(
    folder: Path, change: Callable[[NDArray[np.float32]], NDArray[np.float32]], parts: tuple[str, ...]
) -> None:
    dem(folder, change)
    found = [f for f in check_region(folder).findings if f.severity == "error" and f.where == "inputs.dem"]
    assert any(all(part in f.zh and part in f.en for part in parts) for f in found), [f.zh for f in found]


def test_a_far_coarser_elevation_model_is_a_warning(folder: Path) -> None:
    grid = input_grid().coarser(8)
    write_tif(folder / "inputs/dem.tif", elevation(grid), grid)
    found = [f for f in check_region(folder).findings if "240 m" in f.zh]
    assert only(tuple(found)).severity == "warning"
    says(found[0], "240 m", "30 m", "8")


def test_land_use_codes_outside_the_scheme_are_counted(folder: Path) -> None:
    grid = input_grid()
    codes = land_use(grid)
    inside = region_grid().inside(grid)
    codes[inside][:2, :10], codes[inside][5, :7] = 99, 250
    codes[0, :] = 77  # outside the region: of no matter
    write_tif(folder / "inputs/landuse.tif", codes, grid, nodata=0)
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "inputs.land_use")
    says(found, "99: 20", "250: 7", "shuibao", "scheme", "nodata")
    assert "77" not in found.en


def test_a_map_in_another_scheme_is_recognised(folder: Path) -> None:
    grid = input_grid()
    codes = np.where(land_use(grid) == 6, 301, 103).astype(np.uint16)
    write_tif(folder / "inputs/landuse.tif", codes, grid, nodata=0)
    says(only(check_region(folder).findings), "103:", "301:", "gb21010")


def test_an_unknown_scheme_is_refused_with_a_proposal(folder: Path) -> None:
    found = only(findings(folder, inputs={"land_use": {"scheme": "gb21011"}}))
    assert found.where == "inputs.land_use.scheme"
    says(found, "gb21011", "gb21010")


def test_land_use_missing_in_the_region_is_a_warning(folder: Path) -> None:
    grid = input_grid()
    codes = land_use(grid)
    codes[:35] = 0
    write_tif(folder / "inputs/landuse.tif", codes, grid, nodata=0)
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("warning", "inputs.land_use")
    says(found, "25 %", "landuse.tif")
    assert "北部" in found.zh


@pytest.mark.parametrize(
    "scale, parts",
    [
        (100.0, ('unit = "%"',)),
        (-1.0, ("NDVI",)),
        (240.0, ("255",)),
    ],
    ids=["percent", "negative", "grey levels"],
)
def test_cover_outside_0_to_1_is_refused_with_the_file_and_its_range(
    folder: Path, scale: float, parts: tuple[str, ...]
) -> None:
    grid = input_grid().coarser(8)
    values = np.linspace(0.0, 0.9, grid.rows * grid.cols, dtype=np.float32).reshape(grid.shape) * np.float32(scale)
    write_tif(folder / "inputs/fvc_07.tif", values, grid)
    found = [f for f in check_region(folder).findings if "fvc_07.tif" in f.zh]
    says(only(tuple(found)), "fvc_07.tif", *parts)


def test_cover_in_percent_is_said_once_for_all_files(folder: Path) -> None:
    grid = input_grid().coarser(8)
    for half_month in range(1, 25):
        write_tif(folder / f"inputs/fvc_{half_month:02d}.tif", 100 * cover(grid, half_month), grid)
    found = only(check_region(folder).findings)
    says(found, "fvc_01.tif", "24", 'unit = "%"')
    assert findings(folder, inputs={"cover": {"unit": "%"}}) == ()


def test_cover_that_is_no_percent_is_said_once_for_all_files(folder: Path) -> None:
    grid = input_grid().coarser(8)
    for half_month in range(1, 25):
        write_tif(folder / f"inputs/fvc_{half_month:02d}.tif", cover(grid, half_month), grid)
    found = only(findings(folder, inputs={"cover": {"unit": "%"}}))
    says(found, "fvc_01.tif", "24", 'unit = "1"')


@pytest.mark.parametrize("gone", [[1], list(range(2, 25, 2))], ids=["23 files", "12 files"])
def test_a_wrong_number_of_cover_files_is_refused(folder: Path, gone: list[int]) -> None:
    for half_month in gone:
        (folder / f"inputs/fvc_{half_month:02d}.tif").unlink()
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "inputs.cover")
    says(found, str(24 - len(gone)), "24", "1")


def test_one_cover_file_for_the_year_is_sound(folder: Path) -> None:
    assert findings(folder, inputs={"cover": {"path": "inputs/fvc_12.tif"}}) == ()


def test_one_cover_file_of_24_bands_is_sound_and_the_same_as_24_files(folder: Path) -> None:
    grid = input_grid().coarser(8)
    run_region(load_region(folder), jobs=1)
    of_files = (folder / "products/facts.parquet").read_bytes()
    write_tif(folder / "inputs/year.tif", np.stack([cover(grid, k) for k in range(1, 25)]), grid)
    assert findings(folder, inputs={"cover": {"path": "inputs/year.tif"}}) == ()
    run_region(load_region(folder), jobs=1)
    assert (folder / "products/facts.parquet").read_bytes() == of_files


def test_a_picture_instead_of_data_is_a_warning(folder: Path) -> None:
    grid = input_grid()
    write_tif(folder / "inputs/dem.tif", np.stack([elevation(grid)] * 3), grid)
    found = only(check_region(folder).findings)
    assert found.severity == "warning"
    says(found, "dem.tif", "3", "band")
    assert findings(folder, inputs={"dem": {"band": 1}}) == ()


def test_cover_files_whose_names_sort_wrongly_are_refused(folder: Path) -> None:
    for half_month in range(1, 25):
        old = folder / f"inputs/fvc_{half_month:02d}.tif"
        old.rename(folder / f"inputs/fvc_{half_month}.tif")
    found = only(check_region(folder).findings)
    says(found, "fvc_10.tif", "fvc_01.tif")


def test_no_cover_file_is_refused(folder: Path) -> None:
    found = only(findings(folder, inputs={"cover": {"path": "inputs/ndvi_*.tif"}}))
    assert found.where == "inputs.cover.path"
    says(found, "ndvi_*.tif")


def test_erodibility_in_us_units_is_recognised(folder: Path) -> None:
    grid = input_grid().coarser(4)
    write_tif(folder / "inputs/k.tif", np.full(grid.shape, 0.3, dtype=np.float32), grid)
    found = only(check_region(folder).findings)
    assert found.where == "inputs.soil_k"
    says(found, "0.3", "0.12", 'unit = "US"')


@pytest.mark.parametrize("total, severity", [(1.0, "error"), (1000.0, "error"), (60.0, "warning")])
def test_texture_that_does_not_add_up_to_100_percent_is_said(folder: Path, total: float, severity: str) -> None:
    grid = input_grid().coarser(4)
    for name, share in (("sand", 0.3), ("silt", 0.5), ("clay", 0.2), ("soc", 0.008)):
        write_tif(folder / f"inputs/{name}.tif", np.full(grid.shape, share * total, dtype=np.float32), grid)
    texture = {k: f"inputs/{k}.tif" for k in ("sand", "silt", "clay")} | {"organic_carbon": "inputs/soc.tif"}
    found = findings(folder, inputs={"soil_k": None, "soil_texture": texture})
    together = only(tuple(f for f in found if f.where == "inputs.soil_texture"))
    assert together.severity == severity
    says(together, f"{total:g} %", "100 %")


def test_a_texture_without_carbon_is_refused(folder: Path) -> None:
    texture = {"sand": "inputs/k.tif", "silt": "inputs/k.tif"}
    found = findings(folder, inputs={"soil_k": None, "soil_texture": texture})
    assert any("clay" in f.zh and "organic_carbon" in f.en for f in found)


def test_an_unpublished_datum_is_a_warning(folder: Path) -> None:
    metres = Affine(30, 0, 525000.0, 0, -30, 4380000.0)
    write_tif(folder / "inputs/dem.tif", elevation(input_grid()), None, crs=BEIJING_54, transform=metres)
    found = [f for f in check_region(folder).findings if "datum_shift" in f.zh]
    assert only(tuple(found)).severity == "warning"
    says(found[0], "dem.tif", "Beijing 1954", "datum_shift = [dx, dy, dz]")
    shifted = findings(folder, inputs={"dem": {"datum_shift": [15.8, -154.4, -82.3]}})
    assert not any("datum_shift" in f.zh for f in shifted)


def test_codes_of_measures_that_stand_for_nothing_are_counted(folder: Path) -> None:
    grid = input_grid()
    codes = np.zeros(grid.shape, dtype=np.uint8)
    codes[30:32, 30:40] = 200
    codes[40, 40] = 2
    write_tif(folder / "inputs/measures.tif", codes, grid)
    found = only(findings(folder, inputs={"measures": {"path": "inputs/measures.tif"}}))
    assert found.where == "inputs.measures"
    says(found, "200: 20", "inputs.measures.codes")
    named = {"path": "inputs/measures.tif", "codes": {"200": "level_terace_earth", "2": "none", "x": "none"}}
    wrong = findings(folder, inputs={"measures": named})
    assert [f.where for f in wrong] == ["inputs.measures.codes.200", "inputs.measures.codes.x"]
    says(wrong[0], "level_terrace_earth")


def test_tillage_that_is_not_known_is_refused(folder: Path) -> None:
    found = only(findings(folder, inputs={"tillage": {"region": "northwest_irigated"}}))
    assert found.where == "inputs.tillage.region"
    says(found, "northwest_irrigated")


def test_a_missing_band_is_refused(folder: Path) -> None:
    found = only(findings(folder, inputs={"dem": {"band": 3}}))
    says(found, "dem.tif", "3", "1", "band")


def test_one_file_for_two_inputs_is_refused(folder: Path) -> None:
    found = [f for f in findings(folder, inputs={"soil_k": {"path": "inputs/dem.tif"}}) if "inputs.dem" in f.zh]
    says(only(tuple(found)), "inputs.dem", "inputs/dem.tif")


def test_counties_are_named_by_their_number(folder: Path) -> None:
    def gap(values: NDArray[np.float32]) -> NDArray[np.float32]:
        values[70:, :] = np.nan
        return values

    dem(folder, gap)
    found = only(tuple(f for f in check_region(folder).findings if f.severity == "error"))
    assert all(name in found.zh for name in NAMES)
    assert len(CODES) == len(NAMES)
