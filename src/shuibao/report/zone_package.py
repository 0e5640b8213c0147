"""
The result package of a kind of zone: GeoPackage, shapefile, list, totals, metadata (划定成果包).

Names of files and fields, code tables, precision and encoding are those of the rule pack.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao import __version__
from shuibao.delimitation.contract import Field, fields_of, files_of, stem_of, values_of
from shuibao.delimitation.delivery.result import Result, grounds_written
from shuibao.delimitation.delivery.totals import total_rows
from shuibao.delimitation.draft.excluding import notes_of
from shuibao.ground.files import renamed, sha256_of
from shuibao.ground.shapefile import TableField, write_shapefile, zipped
from shuibao.ground.vectors import write_geopackage
from shuibao.messages import CallError, ShuibaoError
from shuibao.report.bilingual import Text
from shuibao.report.tables import Cell, Column, Kind, Table
from shuibao.report.workbook import write_tables

FORMAT = "shuibao-zone-package/1"
"""What the metadata call the form of the package."""

UNIT_KINDS: dict[str, Kind] = {"hm2": "hm2", "m2": "m2", "deg": "degrees", "percent": "percent", "m": "metres"}
"""How the workbook shows a field of each unit."""

TOTALS = {
    "kind_name": "种类", "county": "县级代码", "county_name": "县名", "town": "乡镇代码", "town_name": "乡镇",
    "level": "汇总级别", "zones": "个数", "area_hm2": "面积/hm²",
}  # fmt: skip
"""Headings of the table of totals."""

LEVEL_WORDS = {"region": "合计", "county": "县", "town": "乡镇"}


def make_package(result: Result, out: Path, *, force: bool = False) -> Path:
    """
    Write a result package as a folder or a zip (生成成果包).

    Parameters
    ----------
    result : Result
        What is delivered.
    out : Path
        A name ending in ``.zip``, or the folder to make.
    force : bool
        Whether to replace what is there.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    CallError
        If something is there and is not to be replaced.
    """
    if out.exists() and not force:
        raise CallError(
            f"{out} 已存在；请换一个名字，或加 --force 覆盖。", f"{out} exists; use another name, or --force."
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "package"
        folder.mkdir()
        _write_files(result, folder)
        if out.suffix.lower() == ".zip":
            members = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
            with renamed(out) as temporary:
                temporary.write_bytes(zipped(members))
        else:
            _put_folder(folder, out)
    return out


def _put_folder(made: Path, out: Path) -> None:
    """Move a finished folder to its place; an earlier package there goes when the new one is whole, anything else stays."""
    if out.exists() and not (out / "metadata.json").is_file():
        raise CallError(
            f"{out} 不是成果包（没有 metadata.json），不予覆盖；请换一个名字。",
            f"{out} is no result package (it has no metadata.json) and is not replaced; use another name.",
        )
    with renamed(out) as temporary:
        shutil.copytree(made, temporary)
        earlier = temporary.with_name(f"{temporary.name}.earlier")
        if out.exists():
            out.rename(earlier)
    shutil.rmtree(earlier, ignore_errors=True)


def _write_files(result: Result, folder: Path) -> None:
    """Write all files of a package into an empty folder, the metadata last."""
    theme, crs = result.layer.theme, named(result.layer.crs)
    fields = fields_of(result.rules, theme)
    values = values_of(result.layer, result.rules, fields)
    _refuse_empty(fields, values)
    stem = stem_of(result.region, result.units.counties, theme)
    names = files_of(result.rules, stem)
    shapes = rounded(result.layer.geometry, float(result.rules.value("zone_package.precision")))
    tags = {"THEME": theme, **{k: v for k, v in result.layer.metadata.items() if not k.startswith("NOTE_EN")}}
    write_geopackage(folder / names["geopackage"], {theme: (values, shapes)}, crs, metadata=tags)
    table = [TableField(field.short, field.type, field.width, field.decimals) for field in fields]
    short = {field.short: values[field.name] for field in fields}
    write_shapefile(folder / names["shapefile"], stem, table, short, shapes, crs)
    rows = total_rows(result.totals, result.kind_names)
    _write_csv(folder / names["list"], {f.name: f.title for f in fields}, _rows(fields, values))
    spoken = [{**row, "level": LEVEL_WORDS[row["level"]]} for row in rows]
    _write_csv(folder / names["totals"], TOTALS, spoken)
    title = f"{result.place}{result.theme_name}（{result.region.year} 年）"
    write_tables(_sheets(result, fields, values, spoken), folder / names["workbook"], title, simulated=result.simulated)
    content = _metadata(result, fields, rows, stem)
    content["files"] = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / names["metadata"]).write_text(text, encoding="utf-8")


def rounded(geometry: NDArray[np.object_], step: float) -> NDArray[np.object_]:
    """
    Return shapes with their coordinates rounded; one that would be spoilt stays as it is (坐标取位).

    Parameters
    ----------
    geometry : (n,) array of shapely geometry
        Shapes, m.
    step : float
        What coordinates are whole multiples of, m.
    """
    if not len(geometry) or step <= 0:
        return geometry
    near = shapely.transform(geometry, lambda xy: np.round(np.round(xy / step) * step, 9))
    good = shapely.is_valid(near) & ~shapely.is_empty(near)
    return np.where(good, near, geometry)


def named(crs: CRS) -> CRS:
    """
    Return a coordinate system under a name; programs take one called unknown for none (坐标系命名).

    Parameters
    ----------
    crs : CRS
        The system; a projection from a PROJ string has no name.

    Examples
    --------
    >>> named(CRS.from_user_input("+proj=laea +lat_0=34 +lon_0=-118 +datum=WGS84 +units=m")).name
    'Local equal-area projection'
    """
    described = crs.to_json_dict()
    if described.get("name") != "unknown":
        return crs
    described["name"] = "Local equal-area projection"
    base = described.get("base_crs", {})
    if base.get("name") == "unknown":
        base["name"] = str(base.get("datum", base.get("datum_ensemble", {})).get("name", "Geographic"))
    return CRS.from_json_dict(described)


def _refuse_empty(fields: Sequence[Field], values: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a layer that lacks what the package must hold."""
    for field in fields:
        if not field.required or not len(values[field.name]):
            continue
        column = values[field.name]
        empty = [not value for value in column] if field.type == "text" else list(~np.isfinite(column.astype(float)))
        if any(empty):
            codes = [str(code) for code, lacks in zip(values["code"], empty, strict=True) if lacks]
            first, more = codes[:5], "…" if len(codes) > 5 else ""
            raise ShuibaoError(
                f"成果字段 {field.name}（{field.title}）有 {len(codes)} 个区域为空，而它必填：{'、'.join(first)}{more}；"
                f"请补填（shuibao zones edit … --set {first[0]}:{field.name}=值）或重新划定，再打包。",
                f"the field {field.name} ({field.title_en}) is empty for {len(codes)} zones but is required:"
                f" {', '.join(first)}{more}; fill it in (shuibao zones edit … --set {first[0]}:{field.name}=VALUE) or draw"
                " again, then make the package.",
            )


def _rows(fields: Sequence[Field], values: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Return the zones as rows of text and numbers, with the decimals of their fields."""
    columns = {f.name: [_shown(value, f) for value in values[f.name].tolist()] for f in fields}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _shown(value: Any, field: Field) -> Any:
    if field.type != "real":
        return value
    return "" if value != value else f"{value:.{field.decimals}f}"


def _write_csv(path: Path, headings: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows under their names; spreadsheets know by the BOM that it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([row[name] for name in headings] for row in rows)
    path.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")


def _sheets(
    result: Result, fields: Sequence[Field], values: Mapping[str, NDArray[Any]], totals: Sequence[Mapping[str, Any]]
) -> list[tuple[str, list[Table]]]:
    """Return the sheets of the workbook: totals, list, and the rules with what must be said."""
    heading = f"{result.place}{result.theme_name}"
    columns = [Column(Text(f.title.partition("/")[0], f.title_en), UNIT_KINDS.get(f.unit, "text")) for f in fields]
    lists = [values[f.name].tolist() for f in fields]
    rows = [[None if v != v else v for v in row] for row in zip(*lists, strict=True)]
    kinds: dict[str, Kind] = {"zones": "count", "area_hm2": "hm2"}
    heads = [Column(Text(t.partition("/")[0], t), kinds.get(name, "text")) for name, t in TOTALS.items()]
    sums: list[list[Cell]] = [[row[name] for name in TOTALS] for row in totals]
    rules: list[list[Cell]] = [
        [p.name, str(p.value), p.unit, p.source, p.clause, "已核对" if p.status == "verified" else "草案", p.key]
        for p in result.grounds()
    ]
    names = ("规则", "值", "单位", "来源", "条款", "状态", "键")
    notes: list[list[Cell]] = [[note] for note in notes_of(result.layer.metadata)]
    return [
        ("汇总", [Table("totals", Text(f"{heading}面积汇总", ""), heads, sums)]),
        ("清单", [Table("zones", Text(f"{heading}清单", ""), columns, rows)]),
        ("说明", [
            Table("rules", Text("划定规则", ""), [Column(Text(name, name)) for name in names], rules),
            Table("notes", Text("须说明的事项", ""), [Column(Text("事项", ""))], notes),
        ]),
    ]  # fmt: skip


def _metadata(result: Result, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]], stem: str) -> dict[str, Any]:
    """Return the metadata without the checksums."""
    region, whole = result.region, [t for t in result.totals if t.level == "region"]
    tolerances = [result.rules[f"zone_package.{name}"] for name in ("precision", "sum_step", "layer_cover")]
    own = {key: result.layer.metadata[key] for key in ("VERSION", "LAYER_SHA256") if key in result.layer.metadata}
    content = {
        "format": FORMAT, "theme": result.layer.theme, "theme_name": result.theme_name, "stem": stem,
        "region": region.name, "level": region.level, "codes": list(result.units.counties.codes), "year": region.year,
        "crs": {"name": result.layer.crs.name, "wkt": result.layer.crs.to_wkt()},
        "precision_m": float(result.rules.value("zone_package.precision")),
        "zones": len(result.layer), "area_hm2": round(sum(t.hundredths for t in whole) / 100, 2), "totals": list(rows),
        "fields": [vars(field) for field in fields], "rules": grounds_written(result.grounds()),
        "tolerances": grounds_written(tolerances), "notes": notes_of(result.layer.metadata), "version": own,
        "source": result.units.counties.source, "software": f"shuibao {__version__}",
    }  # fmt: skip
    return content | ({"data_kind": "模拟数据"} if result.simulated else {})
