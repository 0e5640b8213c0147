"""The whole of acceptance: a package, or a layer in memory, gone through (验收)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import shapely

from shuibao.delimitation.acceptance.areas import check_areas, with_area_unit
from shuibao.delimitation.acceptance.attributes import check_attributes
from shuibao.delimitation.acceptance.counties import check_counties
from shuibao.delimitation.acceptance.coverage import check_coverage
from shuibao.delimitation.acceptance.fault import Fault, Ledger, Report
from shuibao.delimitation.acceptance.fields import standard_names
from shuibao.delimitation.acceptance.formats import check_layers, is_alike, is_copy
from shuibao.delimitation.acceptance.geometry import check_shapes
from shuibao.delimitation.acceptance.metadata import Metadata, check_honesty, check_metadata, read_metadata
from shuibao.delimitation.acceptance.naming import check_names, is_abroad
from shuibao.delimitation.acceptance.opening import Files, opened
from shuibao.delimitation.acceptance.reading import read_file, sorted_rows, theme_in_words
from shuibao.delimitation.acceptance.reference import check_reference
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.delimitation.acceptance.tables import ListTable, read_tables
from shuibao.delimitation.acceptance.totals import check_totals
from shuibao.delimitation.acceptance.towns import check_towns, read_town_borders
from shuibao.delimitation.acceptance.vertices import check_vertices
from shuibao.delimitation.contract import files_of
from shuibao.messages import CallError
from shuibao.rules import Rules
from shuibao.zoning.layer import THEMES, ZoneLayer

OWN = "shuibao-zone-package"
"""How metadata call a package of our own form; others need not have our files."""

TABLES = (".csv", ".xlsx")


def check_package(
    path: Path, rules: Rules, *, theme: str = "", counties: Sequence[str] = (), towns: Path | None = None,
    look: Callable[[Sequence[Submitted]], None] | None = None,
) -> Report:  # fmt: skip
    """
    Go through a result package, ours or anybody's, and list what is wrong with it (验收成果包).

    Parameters
    ----------
    path : Path
        Folder, ``.zip``, ``.gpkg``, ``.shp``, zipped shapefile, ``.parquet`` or ``.geojson``. Nothing is written to it.
    rules : Rules
        Rule packs in force: those of the province give its minimum areas.
    theme : str
        What kind of zones it holds, where the package does not say so itself.
    counties : sequence of str
        Codes of the counties, city or province that it should be of; those of its metadata if not given.
    towns : Path, optional
        Polygons of towns, across whose borders no zone may lie that is to be cut by town; not checked if not given.
    look : callable, optional
        Given the layers as they were read, before anything is measured on them; it may raise to refuse the package.

    Returns
    -------
    Report
        The faults, the same however files, rows and fields are ordered.

    Raises
    ------
    CallError
        If there is no such file or theme.
    ShuibaoError
        If the towns cannot be used.
    """
    if theme and theme not in THEMES:
        raise CallError(
            f"没有这种区域「{theme}」；可用：{'、'.join(THEMES)}。",
            f"there is no kind of zone '{theme}'; there are: {', '.join(THEMES)}.",
        )
    ledger = Ledger(rules)
    borders = None if towns is None else read_town_borders(towns, rules)
    with opened(path, rules, ledger) as package:
        packed = path.is_dir() or path.suffix.lower() == ".zip"
        metadata = read_metadata(package.files, ledger) if packed else Metadata()
        told = metadata.text("theme") if metadata.text("theme") in THEMES else ""
        layers = _read_layers(package.files, rules, ledger, theme or told)
        if look is not None:
            look(layers)
        tables = _read_tables(package.files, rules, ledger, theme or told)
        check_metadata(metadata, package.whole, rules, ledger)
        _required(metadata, package.whole, rules, ledger)
        names = tuple(package.files)
        simulated = check_honesty(metadata, layers, ledger)
        _go_through(layers, tables, rules, ledger, counties or metadata.codes)
    own = [layer for number, layer in enumerate(layers) if not is_copy(layer, layers[:number])]
    if borders is not None:
        for layer in own:
            check_towns(layer, borders, rules, ledger)
    zones = sum(len(layer) for layer in own)
    return Report(path.name, ledger.sorted(), tuple(layers), names, zones, simulated)


def check_layer(layer: ZoneLayer, rules: Rules, counties: Sequence[str] = ()) -> list[Fault]:
    """
    Go through the shapes of a layer in memory, and their codes, areas and places (检查区域图层).

    Fields that only a package has are not asked for.

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    rules : Rules
        Rule packs in force.
    counties : sequence of str
        Codes of the counties that it should be of; not checked if empty.

    Returns
    -------
    list of Fault
        Worst first.
    """
    ledger = Ledger(rules)
    _shapes(submitted(layer), rules, ledger, counties)
    return list(ledger.sorted())


def submitted(layer: ZoneLayer) -> Submitted:
    """
    Return a layer in memory as one that was handed in (成待验图层).

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    """
    geometry = np.asarray(layer.geometry, dtype=object)
    none = np.zeros(len(geometry), dtype=bool)
    columns = {name: np.asarray(values, dtype=object) for name, values in layer.columns.items()}
    types = {name: "text" if np.asarray(v).dtype.kind in "OUS" else "real" for name, v in layer.columns.items()}
    deep = shapely.has_z(geometry) | shapely.has_m(geometry)
    found = Submitted(
        layer.theme, layer.theme, columns, {name: name for name in columns}, types, shapely.force_2d(geometry), none, deep,
        none, layer.crs, dict(layer.metadata),
    )  # fmt: skip
    return sorted_rows(found)


def _shapes(layer: Submitted, rules: Rules, ledger: Ledger, counties: Sequence[str]) -> None:
    """Check all that needs no table of fields."""
    check_reference(layer, rules, ledger, abroad=is_abroad(counties))
    check_shapes(layer, rules, ledger)
    check_vertices(layer, rules, ledger)
    check_coverage(layer, rules, ledger)
    check_areas(layer, rules, ledger)
    check_names(layer, rules, ledger, counties)
    check_counties(layer, rules, ledger, counties)


def _go_through(
    layers: Sequence[Submitted], tables: Sequence[ListTable], rules: Rules, ledger: Ledger, counties: Sequence[str]
) -> None:
    """Check each layer, and the layers and tables against each other."""
    for number, layer in enumerate(layers):
        copy = is_copy(layer, layers[:number])
        own = Ledger(rules) if copy else ledger
        check_attributes(layer, rules, own)
        if any(is_alike(layer, other) for other in layers[:number]):
            check_reference(layer, rules, own, abroad=is_abroad(counties))
        else:
            _shapes(layer, rules, own, counties)
        if copy:
            ledger.add_new(own)
            continue
        several = len({other.theme for other in layers}) > 1
        wanted = (layer.theme,) if several else (layer.theme, "")
        check_totals(layer, [t for t in tables if theme_in_words(t.where, rules) in wanted], rules, ledger)
    check_layers(layers, rules, ledger)


def _read_layers(files: Files, rules: Rules, ledger: Ledger, theme: str) -> list[Submitted]:
    types = rules.value("zone_acceptance.file_types")
    layers = []
    for name, path in files.items():
        form = path.suffix.lower().lstrip(".")
        if form in types["refused"]:
            found = (f".{form} 不收", f".{form} is not accepted")
            ledger.file("files-unsafe", name, found, ("、".join(types["layer"]), ", ".join(types["layer"])))
        elif form in types["layer"]:
            layers += [with_area_unit(layer) for layer in read_file(name, path, rules, ledger, theme)]
        elif form not in (*types["part"], *types["known"]):
            ledger.file("files-unknown", name, (f"不认识 .{form} 文件", f"a file of the unknown type .{form}"))
        elif form in types["part"] and not _has_shape(name, files):
            found = (f"有 .{form}，没有同名的 .shp", f"there is a .{form} without a .shp of that name")
            ledger.file("files-missing-part", name, found, (".shp .shx .dbf .prj .cpg", ".shp .shx .dbf .prj .cpg"))
    if not layers:
        found = ("没有能读的区域图层", "no layer of zones that can be read")
        ledger.file("files-no-layer", "", found, ("、".join(types["layer"]), ", ".join(types["layer"])))
    return sorted(layers, key=lambda layer: layer.where)


def _has_shape(name: str, files: Files) -> bool:
    stem = str(PurePosixPath(name).with_suffix(""))
    return any(other.lower() == f"{stem}.shp".lower() for other in files)


def _read_tables(files: Files, rules: Rules, ledger: Ledger, theme: str) -> list[ListTable]:
    names = standard_names(rules, theme)
    return [
        table
        for name, path in files.items()
        if path.suffix.lower() in TABLES
        for table in read_tables(name, path, names, ledger)
    ]


def _required(metadata: Metadata, whole: Files, rules: Rules, ledger: Ledger) -> None:
    """Note files that a package of our own form must have and lacks."""
    if not metadata.text("format").startswith(OWN):
        return
    stems = {PurePosixPath(name).name.removesuffix(".gpkg") for name in whole if name.endswith(".gpkg")}
    stems |= {PurePosixPath(name).name.removesuffix(".shp.zip") for name in whole if name.endswith(".shp.zip")}
    folder = metadata.where.rpartition("/")[0]
    needed = {entry["id"] for entry in rules.value("zone_package.files") if entry["required"]}
    for stem in sorted(stems)[:1]:
        for key, name in files_of(rules, stem).items():
            full = f"{folder}/{name}".lstrip("/")
            if key in needed and full not in whole and name not in _listed(metadata):
                ledger.file("files-missing", full, ("包中没有", "the package lacks it"), ("必有", "required"))


def _listed(metadata: Metadata) -> set[str]:
    """Return the files that the metadata list: a missing one of these was noted already."""
    given = metadata.content.get("files")
    return set(given) if isinstance(given, dict) else set()
