"""Layers of zones read from the files of a package, whatever state they are in (读取待验图层)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from shuibao.delimitation.acceptance.encoding import column_values
from shuibao.delimitation.acceptance.fault import Ledger, Words
from shuibao.delimitation.acceptance.fields import code_table, rename_fields, standard_names
from shuibao.delimitation.acceptance.submitted import Submitted, in_order, texts
from shuibao.delimitation.acceptance.wkb import shapes_of
from shuibao.ground.disguises import refuse_disguised
from shuibao.ground.table_encoding import shapefile_encoding
from shuibao.rules import Rules
from shuibao.zoning.layer import KINDS, THEMES

MAGIC = {"gpkg": b"SQLite format 3\0", "shp": b"\0\0\x27\x0a", "parquet": b"PAR1", "geoparquet": b"PAR1"}
"""How a file of each format begins: nothing else is handed to a reader that guesses."""

Raw = tuple[str, pa.Table, str, Any, dict[str, str]]
"""Name of a layer, its table, its column of shapes, its coordinate system and its metadata."""


def read_file(name: str, path: Path, rules: Rules, ledger: Ledger, theme: str = "") -> list[Submitted]:
    """
    Return the layers of one file; what cannot be read is noted (读取一个文件).

    Parameters
    ----------
    name : str
        Its name in the package.
    path : Path
        Where it lies.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    theme : str
        The theme of all layers, where it is known.
    """
    form = path.suffix.lower().lstrip(".")
    if not _begins_as_it_should(path, form):
        found = (f"不是 {form} 文件，或文件头已损坏", f"it is no {form} file, or its head is damaged")
        ledger.file("files-unreadable", name, found)
        return []
    layers = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a reader mumbles about is looked for here, row by row
            pyogrio.set_gdal_config_options(_AS_GIVEN)
            for raw in _READERS[form](path, name, ledger):
                layers.append(_submitted(raw, name, form, rules, ledger, theme))
    except Exception as error:  # readers of damaged files fail in every way there is
        ledger.file("files-unreadable", name, _broken(error))
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_AS_GIVEN))
    return layers


_AS_GIVEN = {"GDAL_PAM_ENABLED": "NO", "USE_OSR_FIND_MATCHES": "NO"}
"""Reading leaves no .aux.xml behind, and takes a .prj as it is instead of looking for one that is like it."""


def _broken(error: BaseException) -> Words:
    words = " ".join(str(error).split())[:200].replace("\\", "/") or type(error).__name__
    return f"读不了，可能不完整或已损坏（{words}）", f"it cannot be read, and may be cut short or damaged ({words})"


def _begins_as_it_should(path: Path, form: str) -> bool:
    if form == "geojson":
        return path.stat().st_size > 0
    with path.open("rb") as file:
        return file.read(16).startswith(MAGIC[form])


def _read_geopackage(path: Path, name: str, ledger: Ledger) -> Iterator[Raw]:
    for layer, kind in pyogrio.list_layers(path).tolist():
        if kind is not None:
            yield _read_ogr(path, layer)


def _read_shapefile(path: Path, name: str, ledger: Ledger) -> Iterator[Raw]:
    beside = {file.suffix.lower(): file for file in path.parent.iterdir() if file.stem == path.stem}
    lacking = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if lacking:
        found = (f"缺少 {'、'.join(lacking)}", f"{', '.join(lacking)} missing")
        ledger.file("files-missing-part", name, found, (".shp .shx .dbf .prj .cpg", ".shp .shx .dbf .prj .cpg"))
        return
    encoding, declared = shapefile_encoding(beside[".dbf"], beside.get(".cpg"))
    if not declared:
        found = (f"没有 .cpg，按内容判断为 {encoding}", f"there is no .cpg; judged by its content to be {encoding}")
        ledger.file("files-no-encoding", name, found, ("附 .cpg", "a .cpg beside it"))
    try:
        yield _read_ogr(path, None, encoding)
    except UnicodeDecodeError:
        found = ("字段名不是所声明的编码，按 GBK 读", "names of fields are not in the encoding named; read as GBK")
        ledger.file("text-garbled", name, found, ("UTF-8，附 .cpg", "UTF-8 with a .cpg"))
        yield _read_ogr(path, None, "GBK")


def _read_ogr(path: Path, layer: str | None, encoding: str | None = None) -> Raw:
    meta, table = pyogrio.raw.read_arrow(path, layer=layer, encoding=encoding)
    told = {} if layer is None else pyogrio.read_info(path, layer=layer)  # only a GeoPackage says anything
    own = {**(told.get("dataset_metadata") or {}), **(told.get("layer_metadata") or {})}
    geometry = meta["geometry_name"] or "wkb_geometry"
    return layer or "", table, geometry, meta["crs"], {str(k): str(v) for k, v in own.items()}


def _read_parquet(path: Path, name: str, ledger: Ledger) -> Iterator[Raw]:
    table = pq.read_table(path)
    own = {k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in (table.schema.metadata or {}).items()}
    geo = json.loads(own.pop("geo"))
    column = geo["primary_column"]
    crs = geo["columns"][column].get("crs", "OGC:CRS84")
    own = {k: v for k, v in own.items() if not k.startswith(("ARROW:", "pandas"))}
    yield "", table, column, crs, own


def _read_geojson(path: Path, name: str, ledger: Ledger) -> Iterator[Raw]:
    refuse_disguised(path)
    content = json.loads(path.read_bytes().decode("utf-8-sig"))
    if content.get("type") not in ("FeatureCollection", "Feature"):
        raise ValueError(f"type is {content.get('type')!r}")
    yield _read_ogr(path, None)


_READERS: dict[str, Callable[[Path, str, Ledger], Iterator[Raw]]] = {
    "gpkg": _read_geopackage, "shp": _read_shapefile, "parquet": _read_parquet, "geoparquet": _read_parquet,
    "geojson": _read_geojson,
}  # fmt: skip


def _submitted(raw: Raw, name: str, form: str, rules: Rules, ledger: Ledger, theme: str) -> Submitted:
    layer, table, geometry_name, crs, metadata = raw
    where = f"{name}:{layer}" if layer and layer != Path(name).stem else name
    values, types = {}, {}
    for column in table.column_names:
        if column != geometry_name:
            values[column], decoded = column_values(table[column])
            types[column] = _type_of(table.schema.field(column).type)
            if not decoded:
                found = (
                    f"字段 {column} 的文字不是所声明的编码",
                    f"text of the field {column} is not in the encoding named",
                )
                ledger.file("text-garbled", where, found, ("UTF-8，附 .cpg", "UTF-8 with a .cpg"))
    size = table.num_rows
    wkb = table[geometry_name].to_numpy(zero_copy_only=False) if geometry_name in table.column_names else [None] * size
    shapes = shapes_of(wkb)
    theme = theme or _theme_of(metadata, f"{name} {layer}", values, rules)
    given = rename_fields(values, standard_names(rules, theme))
    columns = {standard: values[written] for standard, written in given.items()}
    kinds = {standard: types[written] for standard, written in given.items()}
    layer_read = Submitted(
        where, theme, columns, given, kinds, shapes.geometry, shapes.curved, shapes.deep, shapes.broken, _crs(crs),
        metadata, form,
    )  # fmt: skip
    return sorted_rows(layer_read)


def sorted_rows(layer: Submitted) -> Submitted:
    """
    Return a layer with its rows in an order of their own (按内容排序).

    Parameters
    ----------
    layer : Submitted
        The layer.
    """
    order = in_order(layer)
    return replace(
        layer,
        columns={name: values[order] for name, values in layer.columns.items()},
        geometry=layer.geometry[order], curved=layer.curved[order], deep=layer.deep[order], broken=layer.broken[order],
    )  # fmt: skip


def _type_of(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "real"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return "text"
    return "text" if pa.types.is_null(kind) else "other"


def _crs(given: Any) -> CRS | None:
    """Return the coordinate system that a file names; None where it names none that can be understood."""
    try:
        crs = CRS.from_user_input(given) if given else None
    except CRSError:
        return None
    return None if crs is None or crs.name.lower().startswith(("undefined", "unknown")) or not _placed(crs) else crs


def _placed(crs: CRS) -> bool:
    return bool(crs.is_geographic or crs.is_projected)


def _theme_of(metadata: dict[str, str], name: str, values: dict[str, NDArray[Any]], rules: Rules) -> str:
    """Return the theme that metadata, the name of the layer, or its kinds tell; empty if they do not."""
    told = metadata.get("THEME") or metadata.get("theme") or ""
    if told in THEMES:
        return told
    if in_name := theme_in_words(name, rules):
        return in_name
    given = rename_fields(values, standard_names(rules, ""))
    column = given.get("kind", given.get("kind_name"))
    if column is None:
        return ""
    table = code_table(rules, "zone_kind.classes")
    themes = {KINDS[table[text]] for text in texts(values[column], len(values[column])) if text in table}
    return themes.pop() if len(themes) == 1 else ""


def theme_in_words(name: str, rules: Rules) -> str:
    """
    Return the theme that the name of a file or layer tells; empty if it does not (由名称看类别).

    Parameters
    ----------
    name : str
        The name.
    rules : Rules
        Asked for ``zone_acceptance.themes``.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> theme_in_words("某县禁止开垦陡坡地.shp", load_rules(["zone-acceptance"]))
    'steep_slope'
    """
    for row in rules.value("zone_acceptance.themes"):
        if any(word.lower() in name.lower() for word in row["words"]):
            return str(row["theme"])
    return ""
