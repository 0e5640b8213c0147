"""
One layer of zones: shapes with the columns that all kinds share (区域图层).

Whatever kind a zone is of, and however it was drawn, edited or read from a package, it is one row of such a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.messages import ShuibaoError

THEMES = ("prevention_treatment", "severe_fragile", "steep_slope")
"""The three kinds of key zone that are drawn apart: 重点预防区和治理区, 严重、脆弱区域, 禁止开垦陡坡地."""

KINDS = {
    "prevention": "prevention_treatment",
    "treatment": "prevention_treatment",
    "severe": "severe_fragile",
    "fragile": "severe_fragile",
    "steep_slope": "steep_slope",
}
"""The theme of each kind: 重点预防区, 重点治理区, 严重区, 脆弱区, 禁止开垦陡坡地."""

LEVELS = ("national", "province", "city", "county")
"""Who draws a zone, the highest first: 国家级, 省级, 市级, 县级."""

COLUMNS = (
    "code",
    "name",
    "kind",
    "level",
    "county",
    "county_name",
    "town",
    "town_name",
    "area_m2",
    "area_hm2",
    "basis",
)
"""
Columns of every layer.

``code`` unique, text; ``name``; ``kind`` one of :data:`KINDS`; ``level`` one of :data:`LEVELS`; ``county``,
``county_name``, ``town``, ``town_name`` text, empty where a zone is not cut by them; ``area_m2`` float, of the drawn
shape; ``area_hm2`` the same, rounded to 0.01; ``basis`` rule key and clause that it was drawn under (依据).
"""

HECTARE = 1e4
"""Square metres in a hectare (公顷)."""

ACROSS = "跨县"
"""What tables call the county of zones that lie in several, whose ``county`` is empty (跨县)."""


def hectares(area: float) -> str:
    """
    Return an area as people read it: hm² with two decimals, and four where two would show nothing (面积文字).

    Parameters
    ----------
    area : float
        Area, m².

    Examples
    --------
    >>> hectares(15_432_100.0), hectares(12.0), hectares(0.0)
    ('1,543.21', '0.0012', '0.00')
    """
    return f"{area / HECTARE:,.4f}" if 0 < area < HECTARE / 100 else f"{area / HECTARE:,.2f}"


@dataclass(frozen=True)
class ZoneLayer:
    """
    Zones of one theme at one time (区域图层).

    Parameters
    ----------
    theme : str
        One of :data:`THEMES`.
    columns : mapping of str to (n,) array
        :data:`COLUMNS`, then whatever else is known of each zone.
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Their shapes, m, sorted as the rows are: by ``code``.
    crs : CRS
        Coordinate system of the shapes; equal-area.
    metadata : mapping of str to str
        Provenance: region, year, rule packs, ``DATA_KIND`` where the land is made up.

    Raises
    ------
    ShuibaoError
        If a column of :data:`COLUMNS` is missing, columns differ in length, or a code occurs twice.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> square = np.array([shapely.box(0, 0, 100, 100)], dtype=object)
    >>> layer = zone_layer("steep_slope", {"code": ["a"], "kind": ["steep_slope"]}, square, national_crs())
    >>> len(layer), layer.columns["area_hm2"].tolist(), layer.columns["town"].tolist()
    (1, [1.0], [''])
    """

    theme: str
    columns: Mapping[str, NDArray[Any]]
    geometry: NDArray[np.object_]
    crs: CRS
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in COLUMNS if name not in self.columns]
        sizes = {len(values) for values in self.columns.values()} | {len(self.geometry)}
        codes, times = np.unique(np.asarray(self.columns.get("code", []), dtype=np.str_), return_counts=True)
        if self.theme not in THEMES:
            raise ShuibaoError(
                f"没有这种区域「{self.theme}」；可用：{'、'.join(THEMES)}。",
                f"there is no theme '{self.theme}'; there are: {', '.join(THEMES)}.",
            )
        if missing or len(sizes) > 1:
            raise ShuibaoError(
                f"区域图层缺少列 {missing} 或各列长度不一（{sorted(sizes)}）；应有：{'、'.join(COLUMNS)}，每个区域一行。",
                f"a layer of zones lacks {missing} or its columns differ in length ({sorted(sizes)}); it has"
                f" {', '.join(COLUMNS)}, one row for each zone.",
            )
        if (times > 1).any():
            twice = codes[times > 1].tolist()
            raise ShuibaoError(
                f"区域编号重复：{twice[:5]}（共 {len(twice)} 个）；每个区域的编号应唯一。",
                f"codes of zones occur twice: {twice[:5]} ({len(twice)} in all); each zone has a code of its own.",
            )

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.geometry)

    def subset(self, chosen: NDArray[Any]) -> ZoneLayer:
        """
        Return some of the zones, in the order given (选取).

        Parameters
        ----------
        chosen : array
            Rows by number, or a (n,) array of bool.
        """
        columns = {name: np.asarray(values)[chosen] for name, values in self.columns.items()}
        return replace(self, columns=columns, geometry=self.geometry[chosen])


def zone_layer(
    theme: str,
    columns: Mapping[str, Any],
    geometry: NDArray[np.object_],
    crs: CRS,
    metadata: Mapping[str, str] | None = None,
) -> ZoneLayer:
    """
    Return a layer sorted by code, with areas measured and what is not given left empty (生成区域图层).

    Parameters
    ----------
    theme : str
        One of :data:`THEMES`.
    columns : mapping of str to (n,) array or list
        At least ``code`` and ``kind``; ``area_m2`` and ``area_hm2`` are measured if they are not given.
    geometry : (n,) array of shapely geometry
        Shapes, m, in an equal-area coordinate system.
    crs : CRS
        That system.
    metadata : mapping of str to str, optional
        Provenance.

    Returns
    -------
    ZoneLayer

    Raises
    ------
    ShuibaoError
        As for :class:`ZoneLayer`.
    """
    geometry = np.asarray(geometry, dtype=object)
    given = {name: _column(values) for name, values in columns.items()}
    if "area_m2" not in given:
        given["area_m2"] = shapely.area(geometry)
    if "area_hm2" not in given:
        given["area_hm2"] = np.round(given["area_m2"] / HECTARE, 2)
    empty = np.full(len(geometry), "", dtype=object)
    whole = {name: given.get(name, empty) for name in COLUMNS} | given
    layer = ZoneLayer(theme, whole, geometry, crs, dict(metadata or {}))
    return layer.subset(np.argsort(np.asarray(whole["code"], dtype=np.str_), kind="stable"))


def _column(values: Any) -> NDArray[Any]:
    """Return text as objects, which every writer takes, and everything else as it is."""
    array = np.asarray(values)
    return array.astype(object) if array.dtype.kind in "US" else array
