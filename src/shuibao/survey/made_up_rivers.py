"""Rivers of the imaginary land, with names that nobody can take for real ones (模拟河流)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.ground.vectors import write_geopackage
from shuibao.survey.region import SIMULATED
from shuibao.terrain import fill_depressions, route
from shuibao.watershed.accumulation import contributing_area
from shuibao.watershed.channels import Channels
from shuibao.watershed.drainage import Drainage
from shuibao.watershed.links import Links, links_of_channels

WIDTH = 240.0
"""Width of the cells that rivers are drawn on, at most, m: enough to name the land by, and quick."""

LEAST_AREA = 50.0
"""Contributing area from which a stream of the imaginary land is a river with a name, km²; chosen."""


def write_made_up_rivers(path: Path, elevation: Path, grid: Grid, area: shapely.Geometry) -> int:
    """
    Draw the rivers of the imaginary land on its coarsened elevations, name them, and write them (写出模拟河流).

    Parameters
    ----------
    path : Path
        File to write; nothing is written if no river crosses the region.
    elevation : Path
        Elevation of the imaginary land on the grid, m.
    grid : Grid
        Its cells, whole blocks.
    area : shapely geometry
        The region; rivers that do not touch it are left out.

    Returns
    -------
    int
        Rivers written, from the largest to the smallest, named 模拟1号河, 模拟2号河 and so on.
    """
    factor = 2 ** int(np.log2(WIDTH / grid.cell))
    coarse = grid.coarser(factor)
    with rasterio.open(elevation) as dataset:
        land = dataset.read(1, out_shape=coarse.shape, resampling=rasterio.enums.Resampling.average)
    direction = route(fill_depressions(land), coarse.cell)
    cells = contributing_area(Drainage.from_directions(direction, coarse.cell))
    least = int(np.ceil(LEAST_AREA * 1e6 / coarse.cell_area))
    links = links_of_channels(Channels.from_arrays(direction, cells, least), coarse.cell)
    if not links.count:
        return 0
    rivers = _rivers(links, coarse)
    crossing = rivers[shapely.intersects(rivers, area)]
    if not crossing.size:
        return 0
    names = [f"模拟{k}号河" for k in range(1, crossing.size + 1)]
    columns = {"name": names, "data_kind": [SIMULATED] * crossing.size}
    write_geopackage(path, {"rivers": (columns, crossing)}, grid.crs)
    return int(crossing.size)


def _rivers(links: Links, grid: Grid) -> NDArray[Any]:
    """Join links into rivers: at a junction the largest goes on, the others end; the largest river comes first."""
    down, cells, lines = links.columns["down"], links.columns["cells"], links.lines(grid)
    goes_on = np.zeros(links.count + 1, dtype=np.int64)
    for link in range(1, links.count + 1):  # by area: of those that meet the largest comes last
        goes_on[down[link - 1]] = link
    mouths = [k for k in range(links.count, 0, -1) if down[k - 1] == 0 or goes_on[down[k - 1]] != k]
    mouths.sort(key=lambda k: -int(cells[k - 1]))
    rivers = []
    for mouth in mouths:
        stem = [mouth]
        while goes_on[stem[-1]]:
            stem.append(int(goes_on[stem[-1]]))
        rivers.append(shapely.multilinestrings([lines[k - 1] for k in reversed(stem)]))
    return np.array(rivers, dtype=object)
