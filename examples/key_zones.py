"""
All three kinds of key zone on imaginary Xinzhou, from facts to announcement (模拟忻州的三类重点区域).

    python examples/key_zones.py OUTDIR [--region DIR] [--county 140921]

Makes the demonstration region unless ``--region`` names one that was run, draws each theme, packages and checks it, draws
the map sheets of one county and its announcement, and prints one table. Then draws the steep slopes of that county under
the rules of three provinces: the same land, other angles, each with the clause it comes from. All land is made up (模拟数据).
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

from shuibao.cli.demo import demo
from shuibao.cli.printing import Format, print_rows
from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.draft.steep_slope import draw_steep_slopes
from shuibao.messages import ShuibaoError, say
from shuibao.report.faults import write_fault_page
from shuibao.report.zone_announcement import Announcement, write_announcement
from shuibao.report.zone_package import make_package
from shuibao.report.zone_sheets import plan_sheets, write_sheets
from shuibao.rules import load_rules
from shuibao.survey.executing import processors
from shuibao.survey.making import make_imaginary_region
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region
from shuibao.zoning.layer import THEMES

PROVINCES = ("shanxi", "jilin", "inner_mongolia")
"""Rule packs whose angles differ."""

WHOLE = ("prevention_treatment",)
"""Themes whose zones lie across counties: their sheets are of the region."""

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
        show([through(region, theme, given.county, given.outdir) for theme in THEMES])
        announce(region, given.county, given.outdir / "announcement.docx")
        show(under_provinces(given.outdir / given.county, given.county))
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def through(region: Region, theme: str, county: str, outdir: Path) -> Row:
    """
    Draw, package, check and map one theme; return what came out and how long each step took.

    Parameters
    ----------
    region : Region
        A region that was run.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    county : str
        County that is mapped.
    outdir : Path
        Folder for ``THEME.zip``, the list of faults ``THEME.html`` and the sheets ``THEME.pdf``.
    """
    seconds: dict[str, float] = {}
    with timed(seconds, "draw"):
        draw_zones(region, [theme])
    result = read_result(region, theme)
    with timed(seconds, "package"):
        package = make_package(result, outdir / f"{theme}.zip", force=True)
    with timed(seconds, "check"):
        report = check_package(package, result.rules)
    write_fault_page(outdir / f"{theme}.html", report)
    with timed(seconds, "sheets"):
        atlas = plan_sheets(read_result(region, theme, None if theme in WHOLE else county))
        pages = write_sheets(atlas, outdir / f"{theme}.pdf")
    area = sum(total.hundredths for total in result.totals if total.level == "region") / 100
    faults = {severity: report.count(severity) for severity in ("error", "warning", "note")}
    times = {name: f"{value:.1f}" for name, value in seconds.items()}
    return {"theme": theme, "zones": len(result.layer), "area_hm2": f"{area:,.2f}", **faults, "pages": pages, **times}


def announce(region: Region, county: str, path: Path) -> None:
    """Write the announcement of a county's steep slopes; number and date are left to be filled in."""
    write_announcement(read_result(region, "steep_slope", county), Announcement("", None), path)


def under_provinces(folder: Path, county: str) -> list[Row]:
    """
    Draw the steep slopes of one county under the rules of several provinces.

    Parameters
    ----------
    folder : Path
        Folder of the county's own region, made and run if it is not there.
    county : str
        Its code.

    Returns
    -------
    list of dict
        For each pack: angle, where it was read, its clause and status, zones and area.
    """
    if not (folder / "region.toml").exists():
        make_imaginary_region(
            folder, [county], name=county, level="county", year=2024, rules=("national",), jobs=processors()
        )
    region = load_region(folder)
    run_region(region)
    return [under(region, ("national", province)) for province in PROVINCES]


def under(region: Region, packs: Sequence[str]) -> Row:
    """Return what the steep slopes of a region are under some rule packs; nothing is written."""
    rules = load_rules(list(packs))
    layer = draw_steep_slopes(replace(region, rules=tuple(packs)), rules)
    angle = rules["steep_slope.angle"]
    return {
        "packs": "+".join(packs), "angle": f"{angle.value:g}°", "source": angle.source, "clause": angle.clause or "—",
        "status": angle.status, "zones": len(layer), "area_hm2": f"{float(layer.columns['area_hm2'].sum()):,.2f}",
        "basis": str(layer.columns["basis"][0]) if len(layer) else "—",
    }  # fmt: skip


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note how long something took, s."""
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def show(rows: list[Row]) -> None:
    """Print rows as a table."""
    print_rows(rows, {name: name for name in rows[0]}, Format.csv)
    print(say("模拟数据", "simulated data 模拟数据"))


if __name__ == "__main__":
    sys.exit(main())
