"""The cells that aggregation is measured on, both chains, and the tables made of what is measured."""

import json

import numpy as np
import pytest

import aggregation_land
from aggregation import agreement, record
from aggregation_land import land
from aggregation_tables import BEGIN, END, section, summary_lines, write_section
from aggregation_worker import RULE, Clock, ours, simple, told, usual

SIZE = 300


@pytest.fixture(scope="module")
def cells():
    return land(SIZE)


def test_the_land_is_the_same_in_strips_of_any_height_and_both_classes_are_ragged(cells, monkeypatch):
    monkeypatch.setattr(aggregation_land, "STRIP", 61)
    np.testing.assert_array_equal(land(SIZE), cells)
    assert 0.2 < (cells > 0).mean() < 0.5


def test_ours_and_the_usual_chain_draw_nearly_the_same(cells, tmp_path):
    for name, chain in (("shuibao", lambda c, k: ours(c, 2, k)), ("shuibao-1", lambda c, k: ours(c, 1, k)),
                        ("usual", usual), ("simple", simple)):  # fmt: skip
        clock = Clock()
        polygons, kinds = chain(cells, clock)
        found = told(polygons, kinds, cells.shape, tmp_path / f"drawn-{name}.npy")
        assert len(polygons) == found["areas"] > 0
        assert all(seconds > 0 for seconds in clock.seconds.values())
        if name.startswith("shuibao"):
            assert found["invalid"] == found["unshared_edges_m"] == found["below_minimum"] == 0
            assert abs(found["overlap_m2"]) < 1e-3
    than = agreement(tmp_path, "usual")
    assert than["threads_agree"] == 1.0
    assert than["overlap_of_union"] > 0.85
    assert agreement(tmp_path, "simple")["overlap_of_union"] < than["overlap_of_union"]
    assert RULE.min_cells == 500


def test_the_table_tells_the_latest_run_of_each_size_and_what_ran_beside(tmp_path):
    chain = {
        "seconds": {"aggregate": 1.0}, "total": 1.0, "cpu": 1.5, "peak_mb": 600, "areas": 3, "area_hm2": 20.5, "overlap_m2": 0.0,
        "invalid": 0, "unshared_edges_m": 0.0, "below_minimum": 0, "points": 99,
    }  # fmt: skip
    than = {"seconds": 12.5, "seconds_1_thread": 10.0, "memory": 4.0, "cpu": 11.0, "overlap_of_union": 0.9, "same_class": 1.0,
            "threads_agree": 1.0}  # fmt: skip
    run = {
        "size": 10, "cells": 100, "patches": 7, "machine": "m", "beside": "另一基准",
        "chains": {"shuibao": chain, "shuibao-1": chain, "simple": {**chain, "total": 12.5}, "usual": {"problem": "stopped"}},
        "simple_over_shuibao": than,
    }  # fmt: skip
    tiled = {
        "bounded": {**chain, "size": 20, "ns_per_cell": 9.0, "held_mb": 5.0, "patches": 4},
        "beside": "",
        "machine": "m",
    }
    path = tmp_path / "runs.json"
    for one in ({**run, "beside": "old"}, run, tiled):
        record(one, path)
    runs = json.loads(path.read_text("utf-8"))
    text = section(runs)
    assert "另一基准" in text
    assert "old" not in text
    assert "用时 12.5" in text
    assert "stopped" in text
    assert "| 20 | 0 | 1.0 | 1.5 | 9 | 600 |" in text
    page = tmp_path / "page.md"
    page.write_text(f"a\n{BEGIN}\nstale\n{END}\nb\n", encoding="utf-8")
    write_section(page, text)
    assert "stale" not in page.read_text("utf-8")
    assert page.read_text("utf-8").endswith("\nb\n")
    assert any("simple_over_shuibao" in line for line in summary_lines(run, 10.0))
