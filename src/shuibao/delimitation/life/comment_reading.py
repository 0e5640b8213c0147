"""Comments as counties send them: a layer, or a table (读取意见)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from shuibao.delimitation.handed_in import crs_named, in_system, read_handed_in, refuse_no_file
from shuibao.delimitation.life.dates import read_date
from shuibao.delimitation.life.incoming import named_columns
from shuibao.ground.sheets import read_sheet
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors
from shuibao.messages import CallError, ShuibaoError, counted
from shuibao.rules import Rules

SHEETS = (".xlsx", ".csv")
CGCS2000 = 4490


@dataclass(frozen=True)
class Said:
    """
    One comment as it came in, not yet brought together with zones (来件中的意见).

    Parameters
    ----------
    unit, commenter, text, date, opinion, code : str
        As in :class:`shuibao.delimitation.life.comments.Comment`.
    shape : shapely geometry or None
        Where, m, in the system of the layer.
    """

    unit: str
    commenter: str
    text: str
    date: str
    opinion: str
    code: str
    shape: Any


def read_comments(path: Path, to: CRS, rules: Rules, *, crs: str | None = None, layer: str = "") -> list[Said]:
    """
    Read comments from a layer or a table, refusing them with all that is wrong (读取意见).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile, GeoJSON, GeoParquet, XLSX or CSV.
    to : CRS
        Coordinate system of the zones.
    rules : Rules
        Rule packs in force: names of fields, kinds of comment.
    crs : str, optional
        Coordinate system for a file that names none.
    layer : str
        Layer of a GeoPackage that has several.

    Raises
    ------
    ShuibaoError
        If who speaks or what is said is missing in a row, or a date or a kind of comment is none.
    """
    fields = rules.value("zone_comment.fields")
    if path.suffix.lower() in SHEETS:
        _refuse_needless(path, crs, layer)
        vectors = _table(path, fields)
    else:
        vectors = read_handed_in(path, crs=crs, layer=layer)[0]
    columns = named_columns(vectors, fields, [])
    if "unit" not in columns or ("text" not in columns and "opinion" not in columns):
        raise ShuibaoError(
            f"{path.name} 应有「单位」和「意见」或「态度」字段，现有：{'、'.join(map(str, vectors.columns)) or '无'}。",
            f"{path.name} must have the fields unit, and text or opinion; it has: {', '.join(map(str, vectors.columns))}.",
        )
    size = len(next(iter(columns.values())))
    shapes = _places(columns, size, to, path.name) if vectors.crs is None else in_system(vectors, to, path.name)
    kinds = {word.lower(): row["id"] for row in rules.value("zone_comment.opinions") for word in row["names"]}
    out, faults = [], []
    for k in range(size):
        row = {name: values[k] for name, values in columns.items()}
        found = _said(row, shapes[k], kinds)
        if isinstance(found, Said):
            out.append(found)
        else:
            faults.append((k + 1, *found))
    if faults:
        zh = "\n".join(f"  · 第 {k} 条：{words}" for k, words, _ in faults[:20])
        en = "\n".join(f"  - comment {k}: {words}" for k, _, words in faults[:20])
        raise ShuibaoError(
            f"{path.name} 有 {len(faults)} 条不合要求，没有采用：\n{zh}",
            f"{path.name} is not taken, {counted(len(faults), 'comment')} wrong:\n{en}",
        )
    return out


def _refuse_needless(path: Path, crs: str | None, layer: str) -> None:
    """Refuse what says nothing of a table: its places are degrees."""
    if layer or (crs is not None and not crs_named(crs).is_geographic):
        raise CallError(
            f"{path.name} 是表格，经纬度以度计，不用 --crs、--layer；请去掉。",
            f"{path.name} is a table with longitude and latitude in degrees; leave --crs and --layer out.",
        )


def _table(path: Path, fields: list[Mapping[str, Any]]) -> Vectors:
    refuse_no_file(path)
    columns = read_sheet(path, {name.lower() for row in fields for name in row["names"]})
    arrays = {name: np.array([*values, None], dtype=object)[:-1] for name, values in columns.items()}
    size = len(next(iter(arrays.values()), []))
    if not size:
        raise ShuibaoError(f"{path.name} 中没有意见；请核对。", f"{path.name} holds no comments; check it.")
    return Vectors(arrays, np.full(size, None, dtype=object), None)


def _places(columns: Mapping[str, Any], size: int, to: CRS, name: str) -> list[Any]:
    """Return points by the longitudes and latitudes of a table; None where a row has none."""
    if "lon" not in columns or "lat" not in columns:
        return [None] * size
    move = between(CGCS2000, to)
    out: list[Any] = []
    for k in range(size):
        given = columns["lon"][k], columns["lat"][k]
        lon, lat = (_number(value) for value in given)
        if (lon is None) != (lat is None) or any(
            n is None and _text(v) for n, v in zip((lon, lat), given, strict=True)
        ):
            raise ShuibaoError(
                f"{name} 第 {k + 1} 条的经度「{_text(given[0])}」、纬度「{_text(given[1])}」不是一对十进制度，如 112.73、38.42；"
                "没有位置的请都留空。",
                f"longitude '{_text(given[0])}' and latitude '{_text(given[1])}' of comment {k + 1} of {name} are no pair of"
                " decimal degrees, as 112.73 and 38.42; leave both empty where there is no place.",
            )
        if lon is None or lat is None:
            out.append(None)
            continue
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise ShuibaoError(
                f"{name} 第 {k + 1} 条的经度 {lon:g}、纬度 {lat:g} 不对；应为度，若写反了请对调。",
                f"longitude {lon:g} and latitude {lat:g} of comment {k + 1} of {name} are wrong; give degrees, longitude first.",
            )
        out.append(shapely.Point(*move.transform(lon, lat)))
    return out


def _number(value: Any) -> float | None:
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return None


def _said(row: Mapping[str, Any], shape: Any, kinds: Mapping[str, str]) -> Said | tuple[str, str]:
    texts = {name: _text(row.get(name)) for name in ("unit", "commenter", "text", "code", "opinion")}
    if not texts["unit"]:
        return "没有写明单位。", "names no unit."
    said = texts["opinion"] or texts["text"].rstrip("。.！!")  # a comment that says 同意 and no more agrees
    opinion = kinds.get(said.lower(), "")
    if texts["opinion"] and not opinion:
        allowed = "、".join(kinds)
        return (
            f"态度「{texts['opinion']}」不认识；可用：{allowed}。",
            f"opinion '{texts['opinion']}' is unknown; use: agree, adjust, object.",
        )
    if not texts["text"] and opinion != "agree":
        return "没有意见内容。", "says nothing."
    given = row.get("date")
    date = read_date(given) if given not in (None, "") else ""
    if date is None:
        return f"日期「{given}」读不出来；请写成 2024-07-01。", f"'{given}' is no date; write it as 2024-07-01."
    return Said(
        texts["unit"], texts["commenter"], texts["text"], date, opinion or "adjust", texts["code"],
        None if shape is None or shape.is_empty else shape,
    )  # fmt: skip


def _text(value: Any) -> str:
    if value is None or value != value:  # a missing number is not equal to itself
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
