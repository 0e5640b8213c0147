"""The zones of a package that was accepted, as a layer to go on with (采用成果包)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.areas import numbers
from shuibao.delimitation.acceptance.fault import Report
from shuibao.delimitation.acceptance.fields import code_table
from shuibao.delimitation.acceptance.naming import codes_in
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.delimitation.contract import fields_of
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.region import SIMULATED
from shuibao.zoning.layer import ZoneLayer, zone_layer

PREFERRED = ("gpkg", "parquet", "geoparquet", "shp", "geojson")
"""Formats of one result, the one that says most first."""

SPOKEN = {"kind": "zone_kind.classes", "level": "zone_level.classes"}
"""Columns that stand as codes or names in a package, and the table of each."""

DERIVED = ("kind_name", "level_name", "area_hm2", "area_m2")
"""Fields that follow from others; they are made again."""


def adopted(report: Report, theme: str, rules: Rules) -> ZoneLayer:
    """
    Return the zones of a package without errors, as if they had been drawn (采用成果包的区域).

    Parameters
    ----------
    report : Report
        What acceptance came to.
    theme : str
        One of ``shuibao.zoning.layer.THEMES``.
    rules : Rules
        Rule packs in force: fields and code tables.

    Returns
    -------
    ZoneLayer
        In the equal-area system; a zone of several counties is of none. What the package does not say is empty.

    Raises
    ------
    ShuibaoError
        If the package has errors, or no zones of the theme.
    """
    if not report.accepted:
        raise ShuibaoError(
            f"{report.package} 有 {report.count('error')} 处错误，不能采用；请改正后重新打包。",
            f"{report.package} has {report.count('error')} errors and is not adopted; mend them and pack it again.",
        )
    own = [layer for layer in report.layers if layer.theme == theme and len(layer)]
    if not own:
        raise ShuibaoError(
            f"{report.package} 中没有这一类区域（{theme}）；请核对类别。",
            f"{report.package} holds no zones of the theme {theme}; check the theme.",
        )
    chosen = min(own, key=lambda layer: (_rank(layer.form), layer.where))
    metadata = {key: value for key, value in chosen.metadata.items() if key.startswith(("NOTE", "RULE_KEYS", "REGION"))}
    metadata |= {"PACKAGE": report.package} | ({"DATA_KIND": SIMULATED} if report.simulated else {})
    return zone_layer(theme, columns_of(chosen, rules), chosen.metric, chosen.metric_crs, metadata)


def columns_of(layer: Submitted, rules: Rules) -> dict[str, NDArray[Any]]:
    """
    Return the columns of a layer that was handed in, as a drawn one has them (成区域列).

    Parameters
    ----------
    layer : Submitted
        The layer, without errors.
    rules : Rules
        Asked for the fields and the code tables.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, key in SPOKEN.items():
        table = code_table(rules, key, layer.theme if name == "kind" else "")
        texts = layer.texts(name if name in layer.columns else f"{name}_name")
        found[name] = _texts([table.get(text, text) for text in texts])
    for field in fields_of(rules, layer.theme):
        if field.name in (*found, *DERIVED) or field.name not in layer.columns:
            continue
        if field.type == "text":
            found[field.name] = _texts(layer.texts(field.name))
        else:
            values = numbers(layer.columns[field.name], len(layer))
            found[field.name] = values if field.type == "real" else np.nan_to_num(values).astype(np.int64)
    _one_county(found)
    return found


def _one_county(columns: Mapping[str, NDArray[Any]]) -> None:
    """Leave the county of zones empty that lie in several."""
    if "county" in columns:
        columns["county"][:] = [text if len(codes_in(text)) == 1 else "" for text in columns["county"]]


def _texts(values: list[str]) -> NDArray[Any]:
    return np.array(values, dtype=object)


def _rank(form: str) -> int:
    return PREFERRED.index(form) if form in PREFERRED else len(PREFERRED)
