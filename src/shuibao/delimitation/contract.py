"""
What a result package holds, as the rule pack says: files, fields, code tables (成果包规定).

The same tables are read when a package is made and when one is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.counties import Counties
from shuibao.survey.region import Region
from shuibao.zoning.layer import ZoneLayer

CODED = {"kind": "zone_kind.classes", "level": "zone_level.classes"}
"""Columns of a layer whose ids stand as codes in a package, and the table of each."""


@dataclass(frozen=True)
class Field:
    """
    One field of a package (成果字段).

    Parameters
    ----------
    name, short : str
        Its name, and the one of at most 10 characters that a shapefile has.
    title, title_en : str
        Heading in Chinese and English.
    type : {"text", "integer", "real"}
        What it holds.
    width, decimals : int
        Characters (of text: bytes in the file), and of these behind the point.
    unit : str
        Unit; empty if it has none.
    required, unique : bool
        Whether it must not be empty, and whether no two zones share a value.
    codes : str
        Rule key of the table that its values must be in; ``KEY:name`` where it holds the names; empty for none.
    """

    name: str
    short: str
    title: str
    title_en: str
    type: str
    width: int
    decimals: int
    unit: str
    required: bool
    unique: bool
    codes: str


def fields_of(rules: Rules, theme: str) -> list[Field]:
    """
    Return the fields of a theme's package, in order (某类区域的成果字段).

    Parameters
    ----------
    rules : Rules
        Asked for ``zone_package.fields``.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> [field.short for field in fields_of(load_rules(["national"]), "steep_slope")][:3]
    ['ZONE_CODE', 'ZONE_NAME', 'KIND']
    """
    found = []
    for entry in rules.value("zone_package.fields"):
        if theme in entry["themes"] or "all" in entry["themes"]:
            words = {key: value for key, value in entry.items() if key != "themes"}
            found.append(Field(**{"decimals": 0, **words}))
    return found


def files_of(rules: Rules, stem: str) -> dict[str, str]:
    """
    Return the path of each file of a package by its id (成果包文件名).

    Parameters
    ----------
    rules : Rules
        Asked for ``zone_package.files``.
    stem : str
        What the names begin with, from :func:`stem_of`.
    """
    return {entry["id"]: str(entry["path"]).format(stem=stem) for entry in rules.value("zone_package.files")}


def stem_of(region: Region, counties: Counties, theme: str) -> str:
    """
    Return what the names of a package's files begin with: code of the region, theme, year (文件名主干).

    Parameters
    ----------
    region : Region
        The region.
    counties : Counties
        Its counties; what their codes have in common is the code of the region.
    theme : str
        The theme.
    """
    return f"{region_code(region, counties)}_{theme}_{region.year}"


def region_code(region: Region, counties: Counties) -> str:
    """
    Return the code of 6 digits of a region: of its county, or of the city or province of its counties (区域代码).

    Parameters
    ----------
    region : Region
        The region.
    counties : Counties
        Its counties.
    """
    if len(counties.codes) == 1:
        return counties.codes[0]
    for digits in (4, 2):
        begins = {code[:digits] for code in counties.codes}
        if len(begins) == 1:
            return begins.pop().ljust(6, "0")
    return "000000"


def values_of(layer: ZoneLayer, rules: Rules, fields: list[Field]) -> dict[str, NDArray[Any]]:
    """
    Return the values of a layer as a package has them: ids as codes, names beside them (成果字段值).

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    rules : Rules
        Asked for the code tables.
    fields : list of Field
        The fields wanted.

    Returns
    -------
    dict of str to (n,) array
        By the name of the field. A field that the layer does not know is empty.

    Raises
    ------
    ShuibaoError
        If a kind or level is in no code table.
    """
    columns: dict[str, NDArray[Any]] = dict(layer.columns)
    for column, key in CODED.items():
        table = {str(entry["id"]): entry for entry in rules.value(key)}
        ids = [str(value) for value in layer.columns[column]]
        unknown = sorted(set(ids) - set(table))
        if unknown:
            raise ShuibaoError(
                f"区域的 {column} 有「{'、'.join(unknown)}」，不在代码表 {key} 中；可用：{'、'.join(table)}。请改正该图层。",
                f"zones have the {column} {', '.join(unknown)}, which is not in {key}; there are {', '.join(table)}."
                " Correct the layer.",
            )
        columns[column] = np.array([int(table[value]["code"]) for value in ids], dtype=np.int64)
        columns[f"{column}_name"] = np.array([str(table[value]["name"]) for value in ids], dtype=object)
    return {field.name: _typed(columns.get(field.name), field, len(layer)) for field in fields}


def _typed(values: NDArray[Any] | None, field: Field, zones: int) -> NDArray[Any]:
    """Return values in the type of their field; what is not known is empty, 0 or NaN."""
    if values is None:
        empty: dict[str, Any] = {"text": "", "integer": 0, "real": np.nan}
        values = np.full(zones, empty[field.type], dtype=object)
    if field.type == "text":
        return np.array([str(value) for value in values], dtype=object)
    if field.type == "integer":
        return np.asarray(values, dtype=np.float64).astype(np.int64)
    return np.round(np.asarray(values, dtype=np.float64), field.decimals)
