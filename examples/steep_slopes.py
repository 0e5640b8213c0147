"""
Steep slopes of two real places under the rules of three provinces, each from facts to announcement (真实地形的禁止开垦陡坡地).

    python -m examples.steep_slopes OUTDIR [--data PATH]

Makes and runs the region folders of Youwuzhen (游屋圳，福建长汀) and Big Tujunga (大图洪加，California) unless they are
there, draws the steep slopes, packages and checks them, writes the map sheets, the announcement and the trade-off of the
parameters, and prints two tables: the steps of each place, and number and area under each angle with what the angle was
read in. At Big Tujunga all land counts as shrub; PATH is as in ``examples/youwuzhen.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from examples import bigtujunga, youwuzhen
from examples.key_zones import Row, announce, show, through, under_provinces

from shuibao.messages import ShuibaoError, say
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

THEME = "steep_slope"

PLACES: dict[str, Callable[[Path, Path], Path]] = {"youwuzhen": youwuzhen.make, "bigtujunga": bigtujunga.make}
"""What makes the region folder of each place, from the folder of the data."""


def main() -> int:
    """Read the command line, and do all that it says above."""
    parser = argparse.ArgumentParser(description=say("真实地形的陡坡地", "Steep slopes of real land"))
    parser.add_argument("outdir", type=Path, help=say("成果写到哪里", "where results go"))
    parser.add_argument(
        "--data", type=Path, default=youwuzhen.default_data(), help=say("数据文件夹", "folder of the data")
    )
    given = parser.parse_args()
    try:
        given.outdir.mkdir(parents=True, exist_ok=True)
        regions = {name: made(name, given.outdir / name, given.data) for name in PLACES}
        show([delivered(name, region, given.outdir) for name, region in regions.items()])
        for name, region in regions.items():
            show([{"place": name, **row} for row in under_provinces(region)])
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def made(name: str, folder: Path, data: Path) -> Region:
    """
    Return the region of a place, made if it is not there, and run.

    Parameters
    ----------
    name : str
        One of :data:`PLACES`.
    folder : Path
        Its region folder.
    data : Path
        Folder of the data.
    """
    if not (folder / "region.toml").exists():
        PLACES[name](folder, data)
    region = load_region(folder)
    run_region(region)
    return region


def delivered(name: str, region: Region, outdir: Path) -> Row:
    """
    Draw, package, check, map, explain and announce the steep slopes of a place; return what came out.

    Parameters
    ----------
    name : str
        What its files begin with.
    region : Region
        A region that was run.
    outdir : Path
        Folder for ``NAME.zip``, ``NAME.html``, ``NAME.pdf``, ``NAME.png`` and ``NAME.docx``.
    """
    row = through(region, THEME, None, outdir, name)
    announce(region, None, outdir / f"{name}.docx")
    return {"place": name, **row}


if __name__ == "__main__":
    sys.exit(main())
