"""Making the report of a region: a page and a workbook (编制公报)."""

from __future__ import annotations

from pathlib import Path

from shuibao.ground.files import renamed
from shuibao.report.bulletin import gather
from shuibao.report.page import page
from shuibao.report.workbook import write_workbook
from shuibao.survey.region import Region


def make_report(region: Region, *, out: Path | None = None) -> Path:
    """
    Write the report of a region: one HTML page that holds everything, and its tables as a workbook (编制公报).

    Parameters
    ----------
    region : Region
        A region that has been run.
    out : Path, optional
        Folder to write to; ``report/`` of the region folder if not given.

    Returns
    -------
    Path
        The page, ``index.html``. The tables lie beside it as ``tables.xlsx``. Both are the same bytes for the same
        products, rules and region.toml.

    Raises
    ------
    ShuibaoError
        If a step is not done or a product is missing (which, and what to run), or region.toml or the rules have changed
        since the run.
    """
    folder = out if out is not None else region.report
    bulletin = gather(region)
    text = page(bulletin)
    write_workbook(bulletin, folder / "tables.xlsx")
    path = folder / "index.html"
    with renamed(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path
