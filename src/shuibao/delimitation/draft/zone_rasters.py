"""The zones of a layer onto cells: which zone holds each cell's centre (区域栅格化)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.burning import burn
from shuibao.ground.grid import Grid
from shuibao.survey.zone_inputs import window_of
from shuibao.zoning.layer import ZoneLayer


class ZoneCells:
    """
    The zones of a layer, to be read tile by tile (区域栅格).

    Parameters
    ----------
    layer : ZoneLayer
        The zones, in the coordinates of the grids that will be asked for. Where two overlap the later row counts.
    """

    def __init__(self, layer: ZoneLayer) -> None:
        self.geometry = np.asarray(layer.geometry, dtype=object)

    @cached_property
    def _tree(self) -> Any:
        return shapely.STRtree(self.geometry)

    def on(self, grid: Grid) -> NDArray[np.int32]:
        """
        Return the row of the zone of each cell, from 1; 0 in none (像元所在区域).

        Parameters
        ----------
        grid : Grid
            Cells wanted. The answer for a cell does not depend on the window.
        """
        out = np.zeros(grid.shape, dtype=np.int32)
        if not len(self.geometry):
            return out
        for k in np.sort(self._tree.query(shapely.box(*grid.bounds))).tolist():
            rows, cols, window = window_of(self.geometry[k], grid)
            if window.rows > 0 and window.cols > 0:
                part = out[rows, cols]
                part[burn([(self.geometry[k], 1)], window) > 0] = k + 1
        return out
