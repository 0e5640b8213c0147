"""The terrain that hydrology is measured on, and the tables made of what is measured."""

import json

import numpy as np
import pytest
import rasterio
from scipy import ndimage

from hydrology import names_of, record, summary
from hydrology_checks import check, outflow
from hydrology_peers import OURS, PEERS, run_tool
from hydrology_tables import BEGIN, END, figures, ratios, section, winners, write_section
from hydrology_terrain import DOWN_Z, grid_of, lattice, terrain, window, write_plain, write_product
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, contributing_area

SIZE = 600


@pytest.fixture(scope="module")
def net():
    return lattice(SIZE)


@pytest.fixture(scope="module")
def land():
    return terrain(SIZE)


def lowest_neighbour(surface):
    """Return the height of the lowest of eight neighbours; beyond the land it is bottomless."""
    padded = np.pad(np.where(np.isnan(surface), -np.inf, surface), 1, constant_values=-np.inf)
    rows, cols = surface.shape
    around = [padded[1 + a : 1 + a + rows, 1 + b : 1 + b + cols] for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    return np.min(around, axis=0)


@pytest.mark.slow
def test_a_tile_of_the_land_is_a_window_of_the_whole(net, land):
    for row, col, rows, cols in ((0, 0, 64, 64), (37, 411, 100, 189), (599, 0, 1, 600), (250, 260, 3, 7)):
        tile = window(net, SIZE, row, col, (rows, cols))
        np.testing.assert_array_equal(tile, land[row : row + rows, col : col + cols])


@pytest.mark.slow
def test_another_seed_is_another_land(land):
    other = terrain(64, seed=2)
    assert np.nanmax(np.abs(other - terrain(64))) > 1.0


@pytest.mark.slow
def test_four_fifths_of_the_land_are_valid_and_four_holes_are_in_it(land):
    assert 0.76 < np.isfinite(land).mean() < 0.84
    apart, count = ndimage.label(np.isnan(land))
    border = set(np.unique(np.concatenate([apart[0], apart[-1], apart[:, 0], apart[:, -1]])))
    assert count - len(border - {0}) == 4


@pytest.mark.slow
def test_about_a_fifth_of_the_valid_cells_is_flat_after_filling_and_a_part_is_filled(land):
    for cells, least, most in ((land, 0.05, 0.35), (terrain(1024), 0.15, 0.28)):
        valid = np.isfinite(cells)
        filled = fill_depressions(cells)
        flat = valid & (lowest_neighbour(filled) >= filled)
        assert least < flat.sum() / valid.sum() < most
        assert 0.01 < (filled > cells)[valid].mean() < 0.15


@pytest.mark.slow
def test_the_plain_is_in_whole_metres_and_the_hills_are_not(land):
    whole = land[np.isfinite(land)] % 1.0 == 0.0
    assert 0.05 < whole.mean() < 0.5


@pytest.mark.slow
def test_the_lattice_drains_to_its_edge(net):
    assert (net[1:-1, 1:-1, DOWN_Z] < 0).all()
    assert (net[[0, -1], :, DOWN_Z] == 0).all()


@pytest.mark.slow
def test_a_product_holds_the_land_in_its_place_and_says_that_it_is_made_up(tmp_path, land):
    write_product(tmp_path / "land.tif", SIZE)
    whole = grid_of(SIZE).whole_blocks()
    with rasterio.open(tmp_path / "land.tif") as dataset:
        cells = dataset.read(1)
        assert dataset.tags()["DATA_KIND"] == "模拟数据"
        assert dataset.shape == whole.shape
    inside = grid_of(SIZE).inside(whole)
    np.testing.assert_array_equal(cells[inside], land)
    cells[inside] = np.nan
    assert np.isnan(cells).all()


@pytest.mark.slow
def test_the_plain_file_marks_missing_cells(tmp_path, land):
    write_plain(tmp_path / "land.tif", land)
    with rasterio.open(tmp_path / "land.tif") as dataset:
        np.testing.assert_array_equal(dataset.read(1, masked=True).filled(np.nan), land)


def results_of(folder, elevation):
    """Write what a tool would have found."""
    filled = fill_depressions(elevation)
    directions = route(filled, 10.0)
    cells = contributing_area(Drainage.from_directions(directions, 10.0))
    folder.mkdir()
    for name, values in (
        ("surface", filled), ("directions", directions), ("cells", np.maximum(cells, 0)), ("labels", directions),
    ):  # fmt: skip
        np.save(folder / f"{name}.npy", values)
    return filled, directions, cells


@pytest.mark.slow
def test_checks_find_nothing_amiss_in_results_that_hold_the_laws(tmp_path, land):
    np.save(tmp_path / "land.npy", land)
    results_of(tmp_path / "ours", land)
    found = check(tmp_path / "ours", tmp_path / "ours", tmp_path / "land.npy")
    assert found == {
        "lowered": 0, "not_filled": 0, "surface_same": 1.0, "surface_apart_m": 0.0, "area_same": 1.0, "leaves": 1.0,
        "ends_inside": 0, "units": 9, "labelled": 1.0,
    }  # fmt: skip


def test_checks_find_a_lowered_cell_lost_water_and_an_end_inside(tmp_path):
    ground = np.full((5, 5), 5.0, dtype=np.float32)
    np.save(tmp_path / "land.npy", ground)
    filled, directions, cells = results_of(tmp_path / "ours", ground)
    results_of(tmp_path / "theirs", ground)
    filled[2, 2], directions[2, 2] = 4.0, 9
    np.save(tmp_path / "theirs" / "surface.npy", filled)
    np.save(tmp_path / "theirs" / "directions.npy", directions)
    found = check(tmp_path / "theirs", tmp_path / "ours", tmp_path / "land.npy")
    assert found["lowered"] == 1
    assert found["surface_apart_m"] == 1.0
    assert found["ends_inside"] == 1
    leaving, _ = outflow(np.zeros((2, 2), dtype=np.uint8), np.ones((2, 2)))
    assert leaving == 0


def made_up_run(size=2048, **more):
    """Return a run with figures that are easy to follow."""
    ours = {"fill": [1.0, 2.0, 9.0], "direction": [1.0], "order": [0.5], "accumulation": [0.5], "basins": [1.0]}
    theirs = {"direction": [6.0], "accumulation": [0.25], "basins": [3.0], "fill": [4.0]}
    return {
        "size": size, "cells": size**2, "valid_share": 0.8, "machine": "made up",
        "tools": {
            "shuibao": {"seconds": ours, "peak_bytes": 4 * size**2, "version": "1", "checks": {"lowered": 0}},
            "topotoolbox": {"seconds": theirs, "peak_bytes": 8 * size**2, "version": "2", "checks": {"lowered": 3}},
            "pysheds": {"skipped": "not installed"},
        }, **more,
    }  # fmt: skip


def test_a_tool_that_does_two_things_as_one_is_counted_whole_where_steps_are_joined():
    run = made_up_run()
    ours, theirs = (figures(name, run["tools"][name]["seconds"]) for name in ("shuibao", "topotoolbox"))
    assert ours == {
        "fill": 2.0, "direction": 1.0, "fill_direction": 3.0, "accumulation": 1.0, "sorted_accumulation": 0.5,
        "to_accumulation": 4.0, "basins": 1.0, "chain": 5.0,
    }  # fmt: skip
    assert theirs == {
        "fill": 4.0, "direction": 2.0, "fill_direction": 6.0, "sorted_accumulation": 0.25, "to_accumulation": 6.25,
        "basins": 3.0, "chain": 9.25,
    }  # fmt: skip


def test_a_ratio_is_peer_over_ours_and_the_peer_that_wins_is_named():
    run = made_up_run()
    assert ratios(run)["chain"] == {"topotoolbox": 1.85}
    assert ratios(run)["memory"] == {"topotoolbox": 2.0}
    assert winners(run)["sorted_accumulation"] == "topotoolbox"
    assert winners(run)["chain"] == "shuibao"


def test_every_figure_of_the_table_comes_from_the_latest_run_of_its_size():
    slow = made_up_run()
    slow["tools"]["shuibao"]["seconds"]["fill"] = [777.0]
    tiled = {
        "size": 40000, "cells": 1600000000, "seconds": 999.0, "ns_per_cell": 624.4, "peak_mb": 3210,
        "interrupted_after": None, "watersheds": 4000, "outside_limits": {"edge": [3, 1.5], "small": [4, 2.0]},
        "land_km2": 128000.5, "steps": {"fill": 10.0, "join": 0.1},
    }  # fmt: skip
    text = section([slow, made_up_run(), made_up_run(4096), {"bounded": tiled}])
    assert "777" not in text
    assert text.count("### ") == 3
    assert "| 填洼 | **2.00** | 4.00 | 2.00（topotoolbox） |" in text
    assert "| 汇流累积（已排序） | 0.50 | **0.25** | 0.50（topotoolbox） |" in text
    assert "- 缺：pysheds：not installed" in text
    assert "| 40000 | 1600 | 999 | 624 | 3210 | 4000 | 7 | 128000.5000 | fill 10 |" in text


def test_only_what_lies_between_the_marks_is_renewed(tmp_path):
    path = tmp_path / "RESULTS.md"
    path.write_text(f"前\n{BEGIN}\n旧\n{END}\n后\n", encoding="utf-8")
    for _ in range(2):
        write_section(path, "新\n")
        assert path.read_text(encoding="utf-8") == f"前\n{BEGIN}\n新\n{END}\n后\n"


def test_runs_are_kept_one_after_another_and_print_as_one_object(tmp_path):
    path = tmp_path / "figures.json"
    record(made_up_run(), path)
    assert [run["size"] for run in record(made_up_run(4096), path)] == [2048, 4096]
    printed = json.loads(json.dumps(summary(made_up_run())))
    assert printed["seconds"]["chain"] == {"shuibao": 5.0, "topotoolbox": 9.25}
    assert printed["fastest"]["fill"] == "shuibao"


def test_a_peer_that_is_absent_too_large_or_broken_is_told_and_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("hydrology_peers.CACHE", tmp_path)
    job = {"size": 64, "work": str(tmp_path / "work")}
    assert "not installed" in run_tool(PEERS["pysheds"], job, 5.0)["skipped"]
    assert "memory" in run_tool(OURS, {**job, "size": 10**7}, 5.0)["skipped"]
    assert "error" in run_tool(OURS, job, 60.0)


def test_names_on_the_command_line_are_known():
    assert names_of("saga,grass", tuple(PEERS)) == ["saga", "grass"]
    assert names_of("none", tuple(PEERS)) == []
    assert names_of("all", tuple(PEERS)) == list(PEERS)
