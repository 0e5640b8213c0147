"""
All three kinds of key zone on imaginary Xinzhou, from facts to announcement (模拟忻州的三类重点区域).

    python examples/key_zones.py OUTDIR [--region DIR] [--county 140921]

Makes the demonstration region unless ``--region`` names one that was run, draws each theme, packages and checks it, draws
the map sheets of one county, the trade-off of the parameters, its announcement and an opinion on a project, and prints one
table. Then draws the steep slopes of that county under the rules of three provinces: the same land, other angles, each with
the clause it comes from, and a map of what differs. All land is made up (模拟数据).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from shuibao.cli.demo import demo
from shuibao.cli.printing import Format, print_rows
from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.control.finding import ask, open_control
from shuibao.delimitation.control.projects import Projects
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.draft.explaining import explain
from shuibao.delimitation.draft.steep_slope import draw_steep_slopes
from shuibao.delimitation.life.difference import difference
from shuibao.messages import ShuibaoError, say
from shuibao.report.faults import write_fault_page
from shuibao.report.opinion import Letter, write_opinion
from shuibao.report.trade_off import draw_trade_off
from shuibao.report.zone_announcement import Announcement, write_announcement
from shuibao.report.zone_difference_map import write_difference_map
from shuibao.report.zone_package import make_package
from shuibao.report.zone_sheets import plan_sheets, write_sheets
from shuibao.rules import load_rules
from shuibao.sources.boundaries import county_boundaries
from shuibao.survey.executing import processors
from shuibao.survey.making import make_imaginary_region
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region
from shuibao.zoning.layer import THEMES, ZoneLayer

PACKS = (("national",), ("national", "shanxi"), ("national", "jilin"), ("national", "inner_mongolia"))
"""Rule packs in force in turn; their angles differ."""

WHOLE = ("prevention_treatment",)
"""Themes whose zones lie across counties: their sheets are of the region."""

STEPS = ("draw", "package", "check", "sheets", "explain")
"""Steps that are timed, s."""

Row = dict[str, Any]


def main() -> int:
    """Read the command line, and do all that it says above."""
    parser = argparse.ArgumentParser(description=say("模拟忻州的三类重点区域", "Key zones of imaginary Xinzhou"))
    parser.add_argument("outdir", type=Path, help=say("成果写到哪里", "where results go"))
    parser.add_argument("--region", type=Path, help=say("已运行的演示文件夹", "demonstration folder that was run"))
    parser.add_argument("--county", default="140921", help=say("出图册、公告的县", "county of sheets and announcement"))
    given = parser.parse_args()
    try:
        given.outdir.mkdir(parents=True, exist_ok=True)
        folder = given.region or given.outdir / "xinzhou"
        if given.region is None:
            demo(folder, "xinzhou", None)
        region = load_region(folder)
        print(say("模拟数据", "simulated data 模拟数据"))
        show([through(region, theme, given.county, given.outdir) for theme in THEMES])
        announce(region, given.county, given.outdir / "announcement.docx")
        advise(region, given.county, given.outdir / "opinion.docx")
        alone = county_region(given.outdir / given.county, given.county)
        show(under_provinces(alone))
        compare(alone, PACKS[0], PACKS[2], given.outdir / "jilin.png")
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def through(region: Region, theme: str, county: str | None, outdir: Path, stem: str = "") -> Row:
    """
    Draw, package, check, map and explain one theme; return what came out and how long each step took.

    Parameters
    ----------
    region : Region
        A region that was run.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    county : str, optional
        County that is mapped; all of the region if not given.
    outdir : Path
        Folder for ``STEM.zip``, the list of faults ``STEM.html``, the sheets ``STEM.pdf`` and the trade-off ``STEM.png``.
    stem : str
        What their names begin with; the theme if not given.
    """
    stem = stem or theme
    seconds: dict[str, float] = {}
    with timed(seconds, "draw"):
        draw_zones(region, [theme])
    result = read_result(region, theme)
    with timed(seconds, "package"):
        package = make_package(result, outdir / f"{stem}.zip", force=True)
    with timed(seconds, "check"):
        report = check_package(package, result.rules)
    write_fault_page(outdir / f"{stem}.html", report)
    with timed(seconds, "sheets"):
        atlas = plan_sheets(read_result(region, theme, None if theme in WHOLE else county))
        pages = write_sheets(atlas, outdir / f"{stem}.pdf")
    if theme not in WHOLE:
        with timed(seconds, "explain"):
            explained(region, theme, outdir / f"{stem}.png")
    area = sum(total.hundredths for total in result.totals if total.level == "region") / 100
    faults = {severity: report.count(severity) for severity in ("error", "warning", "note")}
    times = {name: f"{value:.1f}" for name, value in seconds.items()}
    counts = {"zones": len(result.layer), "area_hm2": f"{area:,.2f}", **faults, "pages": pages}
    return {"theme": theme, **counts, **dict.fromkeys(STEPS, ""), **times}


def explained(region: Region, theme: str, path: Path) -> None:
    """Draw what other parameters of aggregation would take in and leave out."""
    rules = load_rules(region.packs)
    found = explain(region, rules, theme)
    named = {entry["id"]: entry["name"] for entry in rules.value("zone_kind.themes")}
    draw_trade_off(
        found.table,
        path,
        simulated=region.simulated,
        remarks=[(f"{region.name}　{named[theme]}", f"{region.name} {theme}")],
    )


def announce(region: Region, county: str | None, path: Path) -> None:
    """Write the announcement of a county's steep slopes; number and date are left to be filled in."""
    write_announcement(read_result(region, "steep_slope", county), Announcement("", None), path)


def advise(region: Region, county: str, path: Path) -> None:
    """Write an opinion on a project of 2 km by 2 km around the largest steep slope of a county."""
    layer = read_result(region, "steep_slope", county).layer
    centre = layer.geometry[int(np.argmax(layer.columns["area_m2"]))].centroid
    square = np.array([centre.buffer(1000.0, cap_style="square")], dtype=object)
    answer = ask(open_control(region.folder), Projects(("示例项目",), (1,), square, (), "key_zones.py"))
    write_opinion(answer, Letter("示例项目"), path)


def county_region(folder: Path, county: str) -> Region:
    """
    Return the region of one county of its own, made and run if it is not there.

    Parameters
    ----------
    folder : Path
        Its folder.
    county : str
        Its code.
    """
    if not (folder / "region.toml").exists():
        (name,) = county_boundaries([county]).names
        make_imaginary_region(
            folder, [county], name=name, level="county", year=2024, rules=("national",), jobs=processors()
        )
    region = load_region(folder)
    run_region(region)
    return region


def under_provinces(region: Region) -> list[Row]:
    """
    Draw the steep slopes of a region under the rules of several provinces; nothing is written.

    Parameters
    ----------
    region : Region
        A region that was run.

    Returns
    -------
    list of dict
        For each pack: angle, where it was read, its clause and status, zones and area.
    """
    return [under(region, packs) for packs in PACKS]


def under(region: Region, packs: Sequence[str]) -> Row:
    """Return what the steep slopes of a region are under some rule packs."""
    rules = load_rules(list(packs))
    layer = slopes_under(region, packs)
    angle = rules["steep_slope.angle"]
    return {
        "packs": "+".join(packs), "angle": f"{angle.value:g}°", "source": angle.source, "clause": angle.clause or "—",
        "status": angle.status, "zones": len(layer), "area_hm2": f"{float(layer.columns['area_hm2'].sum()):,.2f}",
        "basis": str(layer.columns["basis"][0]) if len(layer) else "—",
    }  # fmt: skip


def slopes_under(region: Region, packs: Sequence[str]) -> ZoneLayer:
    """Return the steep slopes of a region under some rule packs, as a layer."""
    return draw_steep_slopes(replace(region, rules=tuple(packs)), load_rules(list(packs)))


def compare(region: Region, first: Sequence[str], second: Sequence[str], path: Path) -> None:
    """Draw a map of what differs between the steep slopes under two sets of rule packs."""
    found = difference(slopes_under(region, first), slopes_under(region, second))
    write_difference_map(found, region, load_rules(list(first)), path, names=("+".join(first), "+".join(second)))


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note how long something took, s."""
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def show(rows: list[Row]) -> None:
    """Print rows as a table."""
    print_rows(rows, {name: name for name in rows[0]}, Format.csv)


if __name__ == "__main__":
    sys.exit(main())
