"""Map sheets show every zone at a scale that can be read, with its number, and are the same twice."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import PathPatch, Rectangle
from tests.delimitation.steep_region import steep_region
from typer.testing import CliRunner

from shuibao.cli import app
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.messages import CallError, ShuibaoError
from shuibao.report import chinese_fonts
from shuibao.report.atlas import _unit
from shuibao.report.sheet_drawing import draw_sheet
from shuibao.report.sheet_furniture import TINY
from shuibao.report.sheet_index import draw_index
from shuibao.report.sheet_labels import POINT, WIDE, place_labels, short_code
from shuibao.report.sheet_layout import (
    MOST_SHEETS,
    PAPERS,
    SMALL_ZONES,
    cut_sheets,
    one_sheet_scale,
    paper_named,
    scale_for,
)
from shuibao.report.zone_sheets import plan_sheets, write_sheets
from shuibao.rules import load_rules
from shuibao.zoning.layer import KINDS

THEME = "steep_slope"
BOXES = st.lists(
    st.tuples(st.floats(0, 4e4), st.floats(0, 4e4), st.floats(50, 3000), st.floats(50, 3000)), min_size=1, max_size=25
)


def boxes(rows):
    return np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in rows], dtype=object)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    region = steep_region(tmp_path_factory.mktemp("sheets"))
    draw_zones(region, [THEME])
    return read_result(region, THEME, "990001")


@pytest.fixture(scope="module")
def font():
    try:
        return chinese_fonts.chinese_font()
    except ShuibaoError:
        pytest.skip("no font with Chinese letters on this machine")


@given(BOXES, st.sampled_from(sorted(PAPERS)), st.sampled_from([25000, 50000, 100000]))
def test_every_zone_lies_on_the_sheets_and_no_sheet_is_without_one(rows, paper, scale):
    zones = boxes(rows)
    sheets = cut_sheets(zones, paper_named(paper), scale)
    frames = [shapely.box(*sheet.bounds) for sheet in sheets]
    assert shapely.union_all(zones).difference(shapely.union_all(frames).buffer(1e-6)).area == pytest.approx(
        0, abs=1e-3
    )
    assert all(shapely.intersects(zones, frame).any() for frame in frames)
    assert [sheet.number for sheet in sheets] == list(range(1, len(sheets) + 1))
    assert sheets == sorted(sheets, key=lambda sheet: (sheet.row, sheet.col))


@given(BOXES, st.sampled_from(sorted(PAPERS)))
def test_a_sheet_shows_as_much_ground_as_its_scale_says(rows, paper):
    given_paper = paper_named(paper)
    _, _, width, height = given_paper.frame
    for sheet in cut_sheets(boxes(rows), given_paper, 50000):
        left, bottom, right, top = sheet.bounds
        assert (right - left, top - bottom) == pytest.approx((width * 50, height * 50))


@given(BOXES)
def test_the_scale_chosen_keeps_small_zones_legible_and_the_next_one_would_not(rows):
    zones, scales = boxes(rows), [5000, 10000, 25000, 50000, 100000]
    scale = scale_for("auto", zones, scales, 4.0)
    side = math.sqrt(np.percentile(shapely.area(zones), SMALL_ZONES)) * 1000
    assert side / scale >= 4.0 or scale == min(scales)
    assert all(side / other < 4.0 for other in scales if other > scale)


@given(BOXES)
def test_no_number_lies_on_another_or_off_the_sheet(rows):
    zones, bounds = boxes(rows), (0.0, 0.0, 43000.0, 43000.0)
    labels = place_labels(zones, [str(k) for k in range(len(zones))], bounds, 50000, 6.5)
    metres = 50 * POINT * 6.5
    placed = []
    for label in labels:
        wide, high = WIDE * metres * len(label.text) / 2, metres * 0.475
        placed.append(shapely.box(label.x - wide, label.y - high, label.x + wide, label.y + high))
    for k, one in enumerate(placed):
        assert shapely.box(*bounds).buffer(1e-6).contains(one)
        assert all(one.intersection(other).area < 1e-3 for other in placed[:k])
    assert len({la.text for la in labels}) == len(labels)


@pytest.fixture(scope="module")
def atlas(result, font):
    return plan_sheets(result, paper="A4", scale="10000")


def written(canvas):
    return {text.get_text() for axes in canvas.figure.axes for text in axes.texts}


def test_the_index_names_its_only_county_and_a_sheet_leaves_that_to_its_title(atlas):
    own, *_ = atlas.result.units.counties.names
    assert own in written(draw_index(atlas))
    assert own not in written(draw_sheet(atlas, atlas.sheets[0]))


def test_a_border_that_two_areas_share_is_drawn_once_so_that_its_dashes_are_seen(atlas):
    counties = shapely.get_parts(atlas.county_lines)
    assert shapely.length(counties).sum() == pytest.approx(shapely.union_all(counties).length)
    assert shapely.length(counties).sum() < 0.9 * shapely.length(shapely.boundary(atlas.around.geometry)).sum()
    assert atlas.town_lines.distance(atlas.county_lines) == pytest.approx(atlas.result.region.cell, rel=0.01)


def test_the_legend_of_the_index_has_the_colours_of_its_map(atlas):
    with_specks = replace(atlas)
    with_specks.__dict__["ground"] = atlas.ground.buffer(30000.0)  # zones are specks on so much land
    assert with_specks.specks(THEME)
    for canvas in (draw_index(atlas), draw_index(with_specks)):
        filled = [p for p in canvas.figure.axes[0].get_children() if isinstance(p, PathPatch) and p.get_fill()]
        boxes = [
            p for p in canvas.figure.artists if isinstance(p, Rectangle) and p.get_fill() and p.get_linewidth() == 0
        ]
        assert boxes[0].get_facecolor() in {p.get_facecolor() for p in filled}


@given(BOXES, st.sampled_from(sorted(PAPERS)))
def test_land_that_fits_on_one_sheet_is_drawn_as_large_as_it_fits(rows, paper):
    scales, land, sheet = [5000, 10000, 25000, 50000, 100000], shapely.union_all(boxes(rows)), paper_named(paper)
    found = one_sheet_scale(land, sheet, 50000, scales)
    left, bottom, right, top = land.bounds
    _, _, width, height = sheet.frame

    def fits(scale):
        return (right - left) * 1000 <= width * scale and (top - bottom) * 1000 <= height * scale

    assert found == next((scale for scale in scales[:4] if fits(scale)), None)
    if found is not None:
        (only,) = cut_sheets(np.array([land]), sheet, found)
        assert shapely.box(*only.bounds).buffer(1e-6).covers(shapely.box(*land.bounds))


def test_numbers_and_areas_of_the_list_do_not_run_into_each_other(result, font):
    columns = {**result.layer.columns, "area_hm2": np.full(len(result.layer), 2042386.42)}
    wide = replace(result, layer=replace(result.layer, columns=columns))
    wide_atlas = plan_sheets(wide, paper="A4", scale="10000")
    canvas = draw_sheet(wide_atlas, wide_atlas.sheets[0])
    at = [text.get_window_extent() for text in canvas.figure.texts if text.get_fontsize() == TINY]
    listed = [box for box in at if box.x0 > canvas.figure.bbox.x1 * 0.75]
    assert len(listed) > 4
    assert not any(one.overlaps(other) for k, one in enumerate(listed) for other in listed[:k])


def test_units_under_a_map_are_written_as_people_write_them(atlas):
    assert [_unit(unit) for unit in ("t km-2 a-1", "km2", "deg", "1", "percent")] == [
        " t/(km²·a)",
        " km²",
        "°",
        "",
        " %",
    ]


def test_a_number_is_told_without_the_county():
    assert [short_code(code) for code in ("140924-00017", "140924-00000", "Q1", "甲-乙")] == [
        "17",
        "00000",
        "Q1",
        "甲-乙",
    ]


def test_every_kind_has_a_colour():
    colors = {entry["id"] for entry in load_rules(["national"]).value("zone_sheets.colors")}
    assert colors == set(KINDS)


@pytest.fixture(scope="module")
def pdf(atlas, tmp_path_factory):
    """Return the bytes of the sheets, their pages, and what was told while they were drawn."""
    path, told = tmp_path_factory.mktemp("pdf") / "a.pdf", []
    pages = write_sheets(atlas, path, lambda done, total: told.append((done, total)))
    return path.read_bytes(), pages, len(atlas.sheets), told


def test_the_pdf_has_an_index_and_a_page_for_each_sheet(pdf):
    data, pages, sheets, told = pdf
    assert pages == sheets + 1 == len(re.findall(rb"/Type /Page\b", data)) >= 2
    assert told[-1] == (pages, pages)
    assert b"CreationDate" not in data
    assert len(data) < 2e6


@pytest.mark.slow
def test_two_pdfs_have_the_same_bytes(result, pdf, tmp_path):
    write_sheets(plan_sheets(result, paper="A4", scale="10000"), tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == pdf[0]


@pytest.mark.slow
def test_made_up_land_says_so_on_its_pages_and_real_land_does_not(result, pdf, tmp_path):
    metadata = {key: value for key, value in result.layer.metadata.items() if key != "DATA_KIND"}
    region = replace(result.region, simulated=False)
    real = replace(result, layer=replace(result.layer, metadata=metadata), region=region)
    write_sheets(plan_sheets(real, paper="A4", scale="10000"), tmp_path / "real.pdf")
    assert _letters(pdf[0]) > _letters((tmp_path / "real.pdf").read_bytes())


def _letters(data):
    """Return how much is drawn and written in a PDF, bytes."""
    return sum(len(_inflated(stream)) for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL))


def _inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_nothing_to_draw_is_refused(result):
    with pytest.raises(ShuibaoError, match="没有可绘的图"):
        plan_sheets(replace(result, layer=result.layer.subset(np.zeros(len(result.layer), dtype=bool))))


@pytest.mark.parametrize(
    "words,said",
    [(["--paper", "A0"], "A3、A4"), (["--scale", "fine"], "比例尺分母"), (["--scale", "100"], "400 幅以上")],
)
def test_a_wrong_call_is_refused(result, font, tmp_path, words, said):
    out = str(tmp_path / "a.pdf")
    answer = CliRunner().invoke(app, ["zones", "sheets", str(result.region.folder), out, "--theme", THEME, *words])
    assert isinstance(answer.exception, CallError)
    assert said in answer.exception.zh
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("asked", [100, 150, 999, 1000])
def test_the_scale_that_is_suggested_takes_no_more_sheets_than_may_be(asked, paper):
    zones = boxes([(x, y, 800, 800) for x in range(0, 40_000, 1000) for y in range(0, 40_000, 1000)])
    with pytest.raises(CallError, match="400 幅以上") as refused:
        cut_sheets(zones, paper_named(paper), asked)
    (suggested,) = re.findall(r"--scale (\d+)", refused.value.zh)
    assert int(suggested) > asked
    assert 0 < len(cut_sheets(zones, paper_named(paper), int(suggested))) <= MOST_SHEETS


def test_a_machine_without_chinese_letters_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(chinese_fonts.font_manager, "findSystemFonts", lambda: ["/fonts/DejaVuSans.ttf"])
    monkeypatch.delenv(chinese_fonts.VARIABLE, raising=False)
    chinese_fonts.chinese_font.cache_clear()
    with pytest.raises(ShuibaoError, match="apt-get install fonts"):
        chinese_fonts.chinese_font()
    monkeypatch.setenv(chinese_fonts.VARIABLE, "/fonts/none.ttf")
    with pytest.raises(ShuibaoError, match="字体文件不存在"):
        chinese_fonts.chinese_font()
    chinese_fonts.chinese_font.cache_clear()
