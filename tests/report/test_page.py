"""Laws of the page: complete, self-contained, in two languages, the same bytes every time."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tests.report.conftest import FORMULA, NOTE, TARGETS
from tests.survey.small_region import NAMES, elevation, input_grid, small_region, write_tif

from shuibao.messages import ShuibaoError
from shuibao.report import make_report
from shuibao.report.bulletin import Bulletin, gather
from shuibao.report.page import SECTIONS
from shuibao.survey.records import write_json
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

VOID = {"meta", "col", "br", "img", "input", "link", "hr"}
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


class Tree(HTMLParser):
    """Whether every element that is opened is closed in its turn, and what ids and links there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[key] or "" for key in ("href", "src") if key in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def tree(page: str) -> Tree:
    tree = Tree()
    tree.feed(page)
    return tree


def words(page: str) -> str:
    """Return the page without its pictures, as its reader sees it."""
    return unescape(re.sub(r"<[^>]+>", "", PICTURE.sub("", page)))


def test_two_reports_of_one_region_are_the_same_bytes(finished: Region, report: Path, tmp_path: Path) -> None:
    again = make_report(finished, out=tmp_path / "again").parent
    assert sorted(p.name for p in again.iterdir()) == ["index.html", "tables.xlsx"]
    for path in again.iterdir():
        assert path.read_bytes() == (report / path.name).read_bytes(), path.name


def test_a_report_is_put_into_the_region_folder_unless_told_otherwise(copied: Region) -> None:
    assert make_report(copied) == copied.folder / "report" / "index.html"
    assert (copied.folder / "report" / "tables.xlsx").is_file()


def test_the_page_asks_nothing_of_the_network(page: str, tree: Tree) -> None:
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in tree.links)
    style = page.split("<style>")[1].split("</style>")[0]
    assert "@import" not in style
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)'\"]+)", page))
    assert "default-src 'none'" in page


def test_the_page_is_well_formed(page: str, tree: Tree) -> None:
    assert not tree.wrong
    assert not tree.open
    assert len(tree.ids) == len(set(tree.ids))
    anchors = {link[1:] for link in tree.links if link.startswith("#")}
    assert anchors <= set(tree.ids), anchors - set(tree.ids)
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)  # noqa: S314 - our own drawing
    for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
        ET.fromstring(formula)  # noqa: S314 - our own formula


def test_every_wording_stands_in_both_languages_and_chinese_is_shown_first(page: str) -> None:
    assert '<html lang="zh-CN" class="zh">' in page
    notes = len(re.findall(r'class="remark zh"', page))  # the packs' notes are in Chinese only
    assert len(re.findall(r'class="zh[ "]', page)) == len(re.findall(r'class="en[ "]', page)) + 1
    assert notes > 0
    for name, title in SECTIONS:
        assert f'id="{name}"' in page
        assert title.zh in page
        assert title.en in page


def test_made_up_land_is_called_so_in_the_head_on_every_map_and_table(page: str) -> None:
    label = '<span class="zh" lang="zh">模拟数据</span>'
    assert "模拟数据" in page.split("</title>")[0]
    assert label in page.split("</header>")[0]
    maps = re.findall(r'<svg class="map".*?</svg>', page, re.DOTALL)
    assert len(maps) == 5
    assert all('class="zh watermark"' in drawing and 'class="zh badge-text"' in drawing for drawing in maps)
    tables = re.findall(r'<figure class="table" id=.*?</figcaption>', page)
    assert len(tables) >= 7
    assert all(label in caption for caption in tables)


def test_real_land_is_not_called_made_up(bulletin: Bulletin) -> None:
    from dataclasses import replace

    from shuibao.report.page import page as made

    text = made(replace(bulletin, simulated=False))
    assert "watermark" not in text.split("</style>")[1]
    assert "badge-text" not in text.split("</style>")[1]
    assert "模拟数据" not in text.split("</header>")[0]


def test_every_parameter_stands_on_the_page_with_its_ground(page: str, bulletin: Bulletin) -> None:
    keys = {p["key"] for record in bulletin.records.values() for p in record["parameters"]}
    assert keys
    shown = set(re.findall(r"<code>([a-z_]+[0-9a-z_]*\.[A-Za-z0-9_.]+)</code>", page))
    assert keys <= shown
    text = words(page)
    for parameter in bulletin.parameters:
        assert parameter["source"] in text
        assert parameter["clause"] in text
        assert parameter["name"] in text


def test_the_draft_notice_names_every_draft(page: str, bulletin: Bulletin) -> None:
    assert bulletin.drafts
    notice = words(page.split('<div class="notice draft">')[1].split("</dl>")[0])
    assert all(parameter["name"] in notice for parameter in bulletin.drafts)
    assert f"{len(bulletin.drafts)} 项为草案" in notice


def test_every_input_file_stands_on_the_page_with_its_checksum(page: str, bulletin: Bulletin) -> None:
    files = {n: d for record in bulletin.records.values() for n, d in record["depends"]["files"].items()}
    assert len(files) > 20
    for name, digest in files.items():
        assert name in page
        assert digest in page


def test_what_users_write_stays_text(page: str) -> None:
    assert "<script>alert" not in page
    assert escape(NOTE) in page
    assert FORMULA in page


def test_no_path_of_a_machine_and_no_time_of_day_is_told(page: str, finished: Region) -> None:
    assert str(finished.folder) not in page
    assert str(finished.folder.parent) not in page
    assert not re.search(r"\d\d:\d\d:\d\d", PICTURE.sub("", page))


def test_warnings_of_the_check_reach_the_page_and_errors_do_not(copied: Region) -> None:
    findings = [
        {"severity": "warning", "where": "inputs.dem", "zh": "高程有洞", "en": "holes in the elevation"},
        {"severity": "error", "where": "inputs.rain", "zh": "没有雨", "en": "no rain"},
    ]
    write_json(copied.records / "check.json", {"findings": findings})
    text = make_report(copied).read_text(encoding="utf-8")
    notice = text.split('<div class="notice warning">')[1].split("</div>")[0]
    assert "inputs.dem：高程有洞" in notice
    assert "holes in the elevation" in notice
    assert "没有雨" not in text


def test_fewer_years_than_a_mean_needs_are_told(copied: Region) -> None:
    path = copied.records / "rain.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["summary"]["stations"][0]["years"] = [2001, 2007]
    write_json(path, record)
    assert any("7 年（2001–2007）" in warning.zh for warning in gather(copied).warnings)


def test_a_region_that_was_not_run_is_refused_by_the_step_that_is_missing(copied: Region) -> None:
    (copied.records / "land.json").unlink()
    with pytest.raises(ShuibaoError) as refused:
        make_report(copied)
    assert "land" in refused.value.zh
    assert "shuibao run" in refused.value.en
    assert not copied.report.exists()


@pytest.mark.parametrize("name", ["facts.parquet", "steep_slope.parquet", "soil_loss.tif", "counties.parquet"])
def test_a_missing_product_is_named(copied: Region, name: str) -> None:
    (copied.products / name).unlink()
    with pytest.raises(ShuibaoError) as refused:
        make_report(copied)
    assert f"products/{name}" in refused.value.zh
    assert f"products/{name}" in refused.value.en


@pytest.mark.parametrize(
    "change", [("year = 2024", "year = 2023"), ('"national", "shanxi"', '"national", "jilin"')], ids=["year", "rules"]
)
def test_products_of_another_region_toml_are_refused(copied: Region, change: tuple[str, str]) -> None:
    path = copied.folder / "region.toml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ShuibaoError, match="shuibao run"):
        make_report(load_region(copied.folder))


def test_the_gap_is_the_rate_less_the_target(page: str, bulletin: Bulletin) -> None:
    west, east, whole = bulletin.rates
    assert [r.target for r in bulletin.rates] == [1.0, 99.5, 40.0]
    assert np.isclose(whole.rate, 100 * (1 - whole.eroded_m2 / whole.area_m2))
    assert f"{east.rate:.2f}" in page
    assert f"−{abs(east.gap or 0):.2f}" in page
    assert f"+{west.gap:.2f}" in page


def test_gentle_land_without_targets_gets_a_report_that_says_so(tmp_path: Path) -> None:
    folder = small_region(tmp_path / "gentle", region={"targets": ""})
    grid = input_grid()
    write_tif(folder / "inputs" / "dem.tif", (elevation(grid) - 1200) * np.float32(0.1), grid)
    region = load_region(folder)
    run_region(region, jobs=1)
    bulletin = gather(region)
    assert len(bulletin.patches.geometry) == 0
    text = make_report(region).read_text(encoding="utf-8")
    assert "没有达到最小面积的图斑" in text
    assert "没有给出目标" in text
    assert 'class="patches"' not in text


def test_one_county_is_measured_by_its_own_target(tmp_path: Path) -> None:
    folder = small_region(tmp_path / "one", region={"targets": "inputs/targets.toml", "name": NAMES[0]})
    (folder / "inputs" / "targets.toml").write_text(TARGETS, encoding="utf-8")
    path = folder / "inputs" / "borders.geojson"
    borders = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(borders | {"features": borders["features"][:1]}), encoding="utf-8")
    region = load_region(folder)
    run_region(region, jobs=1)
    bulletin = gather(region)
    assert bulletin.own.target == 1.0
    assert (bulletin.name.zh, bulletin.name.en) == (NAMES[0], "West")
