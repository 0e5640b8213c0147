"""What the pieces of a steep-slope zone hold: slope, land classes, what was taken in, what they share with a layer (陡坡地组成)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.burning import burn
from shuibao.ground.grid import Grid
from shuibao.ground.parallel import in_order
from shuibao.rules import Rules
from shuibao.survey.zone_inputs import Shapes
from shuibao.zoning.aggregation import Aggregation
from shuibao.zoning.layer import HECTARE
from shuibao.zoning.steep_slope import SteepSlopeRule
from shuibao.zoning.tracing import LAND_CODES, MICRO_DEGREES

OVERLAP = "OVERLAP_{}_HM2"
"""Tag of a drawn layer: what it shares with the polygons of a layer that is left out, hm² (与扣除图层重叠)."""

SlopeAndLand = Callable[[Grid], tuple[NDArray[np.float32], NDArray[np.uint8]]]


@dataclass(frozen=True)
class PieceCounts:
    """
    What was counted in the cells of each piece (像元统计).

    Attributes
    ----------
    mean_slope : (pieces,) float64
        Mean slope, deg; NaN where it is missing in every cell.
    land_cells : (pieces, 32) int64
        Cells by land-class code; 0 is missing.
    land : (pieces,) uint8
        Land class with most cells, the lower code if two have as many; 0 only where all are missing.
    commission : (pieces,) int64
        Cells that are not steep, or of a land class that does not count.
    """

    mean_slope: NDArray[np.float64]
    land_cells: NDArray[np.int64]
    land: NDArray[np.uint8]
    commission: NDArray[np.int64]


def count_pieces(pieces: Aggregation, read: SlopeAndLand, rule: SteepSlopeRule) -> PieceCounts:
    """
    Count slope and land in the cells of each piece (统计坡度与地类).

    Parameters
    ----------
    pieces : Aggregation
        The pieces.
    read : callable
        Returns slope, rad, and land class on a grid.
    rule : SteepSlopeRule
        Which cells are steep and of a class that counts.

    Returns
    -------
    PieceCounts
        Slopes are summed as whole millionths of a degree: the same for tiles of any size.
    """
    count = len(pieces.areas)
    land_cells = np.zeros((count + 1, LAND_CODES), np.int64)
    sums = np.zeros((count + 1, 3), np.int64)  # of slope, of cells with a slope, of cells taken in

    def counted(k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = pieces.tiles[k]
        size = found.pieces + 1
        local = found.painted(np.arange(size, dtype=np.int32))[1:-1, 1:-1]
        return _summed(*read(found.tile), local, size, rule)

    some = [k for k, t in enumerate(pieces.tiles) if t.pieces > 0]
    for k, (by_land, by_piece) in zip(some, in_order(counted, some, pieces.jobs), strict=True):
        np.add.at(land_cells, pieces.tables[k], by_land)
        np.add.at(sums, pieces.tables[k], by_piece)
    return _counts(land_cells[1:], sums[1:])


def count_shape(shape: Any, grid: Grid, read: SlopeAndLand, rule: SteepSlopeRule) -> tuple[PieceCounts, int]:
    """
    Count slope and land in the cells whose centres lie in one shape (统计一个图形).

    Parameters
    ----------
    shape : shapely.Polygon or shapely.MultiPolygon
        In the coordinates of the grid.
    grid : Grid
        Cells that cover it.
    read, rule
        As for :func:`count_pieces`.

    Returns
    -------
    counts : PieceCounts
        Of one piece.
    cells : int
        Cells in it; 0 for a shape that holds no centre of a cell.
    """
    inside = burn([(shape, 1)], grid) > 0
    by_land, sums = _summed(*read(grid), inside.astype(np.int64), 2, rule)
    return _counts(by_land[1:], sums[1:]), int(np.count_nonzero(inside))


def _summed(
    slope: NDArray[np.float32], land: NDArray[np.uint8], local: NDArray[Any], size: int, rule: SteepSlopeRule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return by label the cells of each land class, and sums of slope, of cells with a slope, of cells taken in."""
    inside = local > 0
    slope, land = slope[inside], land[inside]
    here = local[inside].astype(np.int64)
    code = np.where(land < LAND_CODES, land, 0).astype(np.int64)
    by_land = np.bincount(here * LAND_CODES + code, minlength=size * LAND_CODES).reshape(size, LAND_CODES)
    known = np.isfinite(slope)
    micro = np.rint(np.where(known, slope, 0).astype(np.float64) * MICRO_DEGREES["rad"])
    taken = ~rule.candidate(slope[None], land[None])[0]
    weights = (micro, known, taken)
    return by_land, np.stack([np.bincount(here, w, size) for w in weights], axis=1).astype(np.int64)


def _counts(land_cells: NDArray[np.int64], sums: NDArray[np.int64]) -> PieceCounts:
    """Return what sums say of each piece."""
    total, known, taken = sums.T
    of_class = land_cells[:, 1:]
    return PieceCounts(
        mean_slope=np.where(known > 0, total / np.maximum(known, 1), np.nan) / 1e6,
        land_cells=land_cells,
        land=np.where(of_class.any(axis=1), of_class.argmax(axis=1) + 1, 0).astype(np.uint8),
        commission=taken,
    )


def land_columns(counts: PieceCounts, cells: NDArray[np.int64], rules: Rules) -> dict[str, NDArray[Any]]:
    """
    Return the mean slope and the land classes of pieces, as columns (坡度与地类列).

    Parameters
    ----------
    counts : PieceCounts
        What was counted in them.
    cells : (pieces,) int64
        Cells of each piece.
    rules : Rules
        Asked for the names of the land classes.

    Returns
    -------
    dict of str to (pieces,) array
        ``mean_slope``, deg; ``land_use``, ``land_use_name``, ``land_use_share``, percent; ``land_mix``.
    """
    names = {int(c["code"]): str(c["name"]) for c in rules.value("land_class.classes")}
    most = counts.land_cells[np.arange(len(cells)), counts.land]
    return {
        "mean_slope": np.round(counts.mean_slope, 2),
        "land_use": counts.land.astype(np.int32),
        "land_use_name": np.array([names.get(int(k), "") for k in counts.land], dtype=object),
        "land_use_share": np.round(100.0 * most / np.maximum(cells, 1), 1),
        "land_mix": np.array([_mix(row, names) for row in counts.land_cells], dtype=object),
    }


def _mix(cells: NDArray[np.int64], names: dict[int, str]) -> str:
    """Return the shares of the land classes in a patch, the largest first."""
    known = [(int(n), k) for k, n in enumerate(cells.tolist()) if n and k in names]
    total = sum(n for n, _ in known)
    return "、".join(
        f"{names[k]} {100 * n / total:.1f}%" for n, k in sorted(known, key=lambda pair: (-pair[0], pair[1]))
    )


def overlaps(geometry: NDArray[np.object_], left_out: Sequence[Shapes]) -> dict[str, str]:
    """
    Return what drawn pieces share with the polygons of the layers that are left out (与扣除图层重叠面积).

    Parameters
    ----------
    geometry : (pieces,) array of shapely.Polygon
        The pieces, m.
    left_out : sequence of Shapes
        The layers. No piece holds a cell whose centre lies in one, so that what is shared lies within half the diagonal
        of a cell of a polygon's border.

    Returns
    -------
    dict of str to str
        ``OVERLAP_LAYER_HM2``, hm² to 0.01, polygons that overlap each other counted once each.
    """
    found: dict[str, str] = {}
    tree: Any = shapely.STRtree(geometry)
    for shapes in left_out:
        of_layer, of_piece = tree.query(shapes.geometry, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes.geometry[of_layer], geometry[of_piece])).sum()
        found[OVERLAP.format(shapes.name.upper())] = f"{shared / HECTARE:.2f}"
    return found
