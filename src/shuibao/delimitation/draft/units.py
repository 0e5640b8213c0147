"""What zones are cut by: the towns of each county, or the counties where no towns are given (切分单元)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.survey.counties import Counties
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import COUNTY_DIGITS, Towns, towns_of

MOST = int(np.iinfo(np.uint16).max)


@dataclass(frozen=True)
class Units:
    """
    Towns and counties as one set of numbered units (县乡单元).

    Unit numbers rise by county and, within one, by the code of the town; the first of each county is what lies in none
    of its towns.

    Parameters
    ----------
    counties : Counties
        Counties of the region.
    towns : Towns
        Towns, of which only those of the region's counties are used; may be empty.
    table : (units + 1, 2) int64 array
        Number of the county and of the town, from 1, of each unit; 0 for none.
    number : (counties + 1, towns + 1) uint16 array
        Unit of each county and town; a town of another county counts as none.
    """

    counties: Counties
    towns: Towns
    table: NDArray[np.int64]
    number: NDArray[np.uint16]

    def on(self, grid: Grid) -> NDArray[np.uint16]:
        """Return the unit of each cell, from 1; 0 outside the region (单元栅格)."""
        county = self.counties.on(grid)
        if not self.towns.codes:
            return self.number[county, 0]
        return self.number[county, self.towns.on(grid)]

    def columns(self, unit: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """
        Return codes and names of some units; empty where a unit is in no town (单元属性).

        Parameters
        ----------
        unit : (n,) integer array
            Units, from 1.
        """
        county, town = self.table[unit].T

        def words(values: tuple[str, ...], index: NDArray[np.int64]) -> NDArray[np.object_]:
            return np.array(["", *values], dtype=object)[index]

        return {
            "county": words(self.counties.codes, county),
            "county_name": words(self.counties.names, county),
            "town": words(self.towns.codes, town),
            "town_name": words(self.towns.names, town),
        }


def units_of(region: Region, counties: Counties) -> Units:
    """
    Return the units that the zones of a region are cut by (读取切分单元).

    Parameters
    ----------
    region : Region
        The region folder; its input ``towns`` may be missing.
    counties : Counties
        Its counties.

    Raises
    ------
    ShuibaoError
        If the towns cannot be used, or there are more units than can be numbered.
    """
    towns = towns_of(region)
    pairs = [(0, 0)]
    number = np.zeros((len(counties.codes) + 1, len(towns.codes) + 1), dtype=np.int64)
    for county, code in enumerate(counties.codes, start=1):
        own = [k for k, town in enumerate(towns.codes, start=1) if town[:COUNTY_DIGITS] == code]
        number[county] = len(pairs)
        for town in (0, *own):
            number[county, town] = len(pairs)
            pairs.append((county, town))
    if len(pairs) > MOST:
        raise ShuibaoError(
            f"县与乡镇共 {len(pairs)} 个，超过 {MOST}；请分成几个区域文件夹。",
            f"there are {len(pairs)} counties and towns, more than {MOST}; make several region folders.",
        )
    return Units(counties, towns, np.array(pairs, dtype=np.int64), number.astype(np.uint16))
