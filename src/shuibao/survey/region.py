"""
The region folder: what, where, when, which inputs, which rules (区域文件夹).

One ``region.toml`` says what a survey is of. Every key is known; a misspelt one is refused with the nearest right one.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shuibao.ground.grid import CELL_SIZES
from shuibao.messages import CallError, Finding, ShuibaoError
from shuibao.rules.pack import toml_place
from shuibao.survey.input_keys import INPUT_KEYS as INPUT_KEYS

LEVELS = ("county", "city", "province")
CONDITIONING, CODE_SCHEMES = ("fill", "breach", "hybrid"), ("county", "tree")
"""Ways of getting water out of pits (填洼、开挖、填挖结合), and of coding small watersheds (县码序号、流域树码)."""
MOST_CELLS = 10  # that borders of small watersheds may be simplified by
SIMULATED = "模拟数据"
"""Label of made-up land, in file metadata, on maps and in reports."""

_REGION_KEYS = {
    "name": str, "level": str, "codes": list, "year": int, "cell": (int, float), "rules": list,
    "erosion_region": str, "data_kind": str, "targets": str, "projection": str, "tile": int, "note": str,
}  # fmt: skip

_OUTPUT_KEYS = {"codec": str, "layout": str}
_WATER_KEYS = {"conditioning": str, "code_scheme": str, "tolerance": (int, float)}
_TABLES = ("region", "inputs", "output", "water")
_ALIKE = 0.5
"""How like a known key a misspelt one must be for it to be suggested, 0-1."""


@dataclass(frozen=True)
class Region:
    """
    One region in one year, as its folder says (一县一年).

    Parameters
    ----------
    folder : Path
        The region folder.
    name : str
        Name in Chinese.
    level : {"county", "city", "province"}
        Level of the region.
    codes : tuple of str
        GB/T 2260 codes of its counties, cities or province.
    year : int
        Year of the facts.
    cell : float
        Cell size, m.
    rules : tuple of str
        Rule packs, later ones override earlier.
    erosion_region : str
        Row of the table of tolerable soil loss; empty for the one that the rule packs name.
    simulated : bool
        Whether the land is made up.
    targets : str
        Target pack, or empty.
    tile : int
        Side of the tiles that are computed at a time, cells.
    inputs : mapping of str to mapping
        Inputs as written, by name.
    codec : {"zstd", "deflate"}
        Compression of the products.
    layout : {"whole", "tiles"}
        One COG a product, or one COG a tile with a VRT and a STAC collection.
    note : str
        What the user wants said of the data in the report.
    projection : str
        Equal-area projection for land outside China; empty for the national grid.
    water : mapping
        The table ``[water]`` as written.
    """

    folder: Path
    name: str
    level: str
    codes: tuple[str, ...]
    year: int
    cell: float
    rules: tuple[str, ...]
    erosion_region: str
    simulated: bool
    targets: str
    tile: int
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    codec: str = "zstd"
    layout: str = "whole"
    note: str = ""
    projection: str = ""
    water: Mapping[str, Any] = field(default_factory=dict)

    @property
    def products(self) -> Path:
        """Return the folder of products."""
        return self.folder / "products"

    @property
    def records(self) -> Path:
        """Return the folder of records."""
        return self.folder / "records"

    @property
    def report(self) -> Path:
        """Return the folder of the report."""
        return self.folder / "report"

    @property
    def packs(self) -> list[str | Path]:
        """Return the rule packs as they are loaded: ids, and files, which lie in the region folder (规则包)."""
        return [self.path_of(name) if name.endswith(".toml") else name for name in self.rules]

    def settings(self) -> dict[str, Any]:
        """Return what of ``[region]`` the products depend on, by key (影响成果的设置)."""
        keys = ("name", "year", "cell", "projection", "codes", "erosion_region")
        return {key: list(value) if isinstance(value := getattr(self, key), tuple) else value for key in keys}

    def path_of(self, text: str) -> Path:
        """Return a path of region.toml: relative ones begin at the region folder (路径)."""
        path = Path(text)
        return path if path.is_absolute() else self.folder / path


def load_region(folder: Path) -> Region:
    """
    Read a region folder, refusing it with all that is wrong (读取区域文件夹).

    Parameters
    ----------
    folder : Path
        Folder that holds ``region.toml``.

    Raises
    ------
    CallError
        If there is no such folder or no ``region.toml`` in it.
    ShuibaoError
        If ``region.toml`` cannot be read or has errors; the message lists all of them.
    """
    region, findings = examine_region(folder)
    errors = [f for f in findings if f.severity == "error"]
    if region is None or errors:
        zh = "region.toml 有误：\n" + "\n".join(f"  · {f.where}：{f.zh}" for f in errors)
        en = "region.toml is wrong:\n" + "\n".join(f"  - {f.where}: {f.en}" for f in errors)
        raise ShuibaoError(zh, en)
    return region


def examine_region(folder: Path) -> tuple[Region | None, list[Finding]]:
    """
    Read a region folder and list what is wrong with its ``region.toml`` (检查 region.toml).

    Parameters
    ----------
    folder : Path
        Folder that holds ``region.toml``.

    Returns
    -------
    region : Region or None
        The region, or None if it cannot be made out.
    findings : list of Finding
        All that is wrong.

    Raises
    ------
    CallError
        If there is no such folder or no ``region.toml`` in it.
    """
    path = folder / "region.toml"
    if not path.is_file():
        raise CallError(
            f"{folder} 不是区域文件夹（没有 region.toml）；请核对路径，或先运行 shuibao demo 看一个例子。",
            f"{folder} is not a region folder (no region.toml); check the path, or run shuibao demo for an example.",
        )
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        found = Finding(
            "error", "region.toml", "不是 UTF-8 编码（像是 GBK）；请在编辑器中另存为 UTF-8。",
            "is not in UTF-8 (it looks like GBK); save it as UTF-8 in an editor.",
        )  # fmt: skip
        return None, [found]
    except tomllib.TOMLDecodeError as error:
        slashes = "\\" in path.read_text(encoding="utf-8-sig")
        zh_hint, en_hint = ("路径请用 / 而不用 \\。", " Write / in paths, not \\.") if slashes else ("", "")
        found = Finding(
            "error", "region.toml", f"不合 TOML 格式（{toml_place(error)}）；请改正该处。{zh_hint}",
            f"is not TOML ({error}); correct it there.{en_hint}",
        )  # fmt: skip
        return None, [found]
    tree, findings = _tables_of(tree)
    findings += _unknown_keys(tree)
    findings += _wrong_values(tree["region"], tree["output"]) + _wrong_water(
        tree["water"], tree["region"].get("cell", 30)
    )
    if any(f.severity == "error" for f in findings):
        return None, findings
    return _region(folder, tree), findings


def presumed_region(folder: Path) -> Region | None:
    """
    Return what a faulty ``region.toml`` most likely means, so that the rest can be looked at too (推测的区域).

    Misspelt keys are taken for the nearest right ones, wrong values for the defaults. Never to be run.

    Parameters
    ----------
    folder : Path
        Folder that holds ``region.toml``.

    Returns
    -------
    Region or None
        None if the file is not TOML.
    """
    try:
        tree = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    tree, _ = _tables_of(_respelt(tree, _TABLES))
    region = {"name": folder.name, "year": 2000, "cell": 30, "erosion_region": ""}
    region |= _sound(_respelt(tree["region"], _REGION_KEYS), _REGION_KEYS)
    if region["cell"] not in CELL_SIZES:
        region["cell"] = 30
    inputs = _respelt(tree["inputs"], INPUT_KEYS)
    tables = {name: given for name, given in inputs.items() if isinstance(given, Mapping)}
    sound = {name: _sound(_respelt(given, INPUT_KEYS[name]), INPUT_KEYS[name]) for name, given in tables.items()}
    water = _sound(_respelt(tree["water"], _WATER_KEYS), _WATER_KEYS)
    return _region(folder, {"region": region, "inputs": sound, "output": {}, "water": water})


def _respelt(table: Mapping[str, Any], known: Any) -> dict[str, Any]:
    """Return a table with its misspelt keys put right, without those that resemble nothing."""
    out = {key: value for key, value in table.items() if key in known}
    for key, value in table.items():
        close = difflib.get_close_matches(key, list(known), n=1, cutoff=_ALIKE)
        if key not in known and close:
            out.setdefault(close[0], value)
    return out


def _sound(table: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if not _wrong_types("", {key: value}, known)}


def _tables_of(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the file with its three tables, empty where they are missing or are no tables."""
    out, found = dict(tree), []
    for name in _TABLES:
        value = tree.get(name, {})
        if not isinstance(value, Mapping):
            found.append(Finding(
                "error", name, f"应为一张表 [{name}]，现为 {value!r}。", f"must be a table [{name}], found {value!r}.",
            ))  # fmt: skip
        out[name] = value if isinstance(value, Mapping) else {}
    return out, found


def _region(folder: Path, tree: Mapping[str, Any]) -> Region:
    table, output = tree["region"], tree.get("output", {})
    return Region(
        folder=folder.resolve(),
        name=table["name"],
        level=table.get("level", "county"),
        codes=tuple(str(code) for code in table.get("codes", [])),
        year=table["year"],
        cell=float(table["cell"]),
        rules=tuple(table.get("rules", ["national"])),
        erosion_region=table.get("erosion_region", ""),
        simulated=table.get("data_kind") == SIMULATED,
        targets=table.get("targets", ""),
        tile=table.get("tile", 2048),
        inputs=tree.get("inputs", {}),
        codec=output.get("codec", "zstd"),
        layout=output.get("layout", "whole"),
        note=table.get("note", ""),
        projection=table.get("projection", ""),
        water=tree.get("water", {}),
    )


def _unknown_keys(tree: Mapping[str, Any]) -> list[Finding]:
    found = _misspelt("", tree, _TABLES)
    found += _misspelt("region", tree.get("region", {}), _REGION_KEYS)
    found += _misspelt("output", tree.get("output", {}), _OUTPUT_KEYS)
    found += _misspelt("water", tree["water"], _WATER_KEYS)
    inputs = tree["inputs"]
    found += _misspelt("inputs", inputs, INPUT_KEYS)
    for name, given in inputs.items():
        if name not in INPUT_KEYS:
            continue
        if not isinstance(given, Mapping):
            found.append(Finding(
                "error", f"inputs.{name}", f"应为一张表，如 {{ path = \"inputs/{name}.tif\" }}，现为 {given!r}。",
                f"must be a table like {{ path = \"inputs/{name}.tif\" }}, found {given!r}.",
            ))  # fmt: skip
            continue
        found += _misspelt(f"inputs.{name}", given, INPUT_KEYS[name])
        found += _wrong_types(f"inputs.{name}", given, INPUT_KEYS[name])
    return found


def _misspelt(where: str, table: Any, known: Any) -> list[Finding]:
    if not isinstance(table, Mapping):
        return []
    found = []
    for key in table:
        if key in known:
            continue
        name = f"{where}.{key}" if where else key
        close = difflib.get_close_matches(key, list(known), n=1, cutoff=_ALIKE)
        zh = f"不认识的键「{key}」" + (f"，是否应为「{close[0]}」？" if close else f"；可用：{'、'.join(known)}。")
        en = f"unknown key '{key}'" + (f"; did you mean '{close[0]}'?" if close else f"; allowed: {', '.join(known)}.")
        found.append(Finding("error", name, zh, en))
    return found


def _wrong_types(where: str, table: Mapping[str, Any], known: Mapping[str, Any]) -> list[Finding]:
    found = []
    for key, value in table.items():
        wanted = known.get(key)
        if wanted is None or (isinstance(value, wanted) and not (isinstance(value, bool) and wanted is not bool)):
            continue
        names = wanted.__name__ if isinstance(wanted, type) else "/".join(t.__name__ for t in wanted)
        found.append(Finding(
            "error", f"{where}.{key}", f"值 {value!r} 的类型不对，应为 {names}。", f"{value!r} is of the wrong type; it takes {names}.",
        ))  # fmt: skip
    return found


def _wrong_values(region: Mapping[str, Any], output: Mapping[str, Any]) -> list[Finding]:
    found = _wrong_types("region", region, _REGION_KEYS) + _wrong_types("output", output, _OUTPUT_KEYS)
    for key in ("name", "year", "cell"):
        if key not in region:
            found.append(Finding("error", f"region.{key}", "缺少该项，请补上。", "is missing; add it."))
    found += _not_among("region.level", region.get("level", "county"), LEVELS)
    found += _not_among("region.cell", region.get("cell", 30), [int(c) for c in CELL_SIZES])
    found += _not_among("region.data_kind", region.get("data_kind", SIMULATED), (SIMULATED,))
    found += _not_among("output.codec", output.get("codec", "zstd"), ("zstd", "deflate"))
    found += _not_among("output.layout", output.get("layout", "whole"), ("whole", "tiles"))
    tile = region.get("tile", 2048)
    if isinstance(tile, int) and (tile < 512 or tile % 512):
        found.append(Finding(
            "error", "region.tile", f"分幅边长 {tile} 应为 512 的整数倍。", f"tile size {tile} must be a multiple of 512.",
        ))  # fmt: skip
    return found


def _wrong_water(water: Mapping[str, Any], cell: Any) -> list[Finding]:
    found = _wrong_types("water", water, _WATER_KEYS)
    found += _not_among("water.conditioning", water.get("conditioning", CONDITIONING[0]), CONDITIONING)
    found += _not_among("water.code_scheme", water.get("code_scheme", CODE_SCHEMES[0]), CODE_SCHEMES)
    tolerance = water.get("tolerance", 0)
    most = MOST_CELLS * cell if isinstance(cell, (int, float)) else math.inf
    if isinstance(tolerance, (int, float)) and not 0 <= tolerance <= most:
        found.append(Finding(
            "error", "water.tolerance", f"值 {tolerance:g} m 应在 0 与 {most:g} m（{MOST_CELLS} 个像元）之间，再大界线就走样。",
            f"{tolerance:g} m must be 0 to {most:g} m ({MOST_CELLS} cells); more bends the borders out of shape.",
        ))  # fmt: skip
    return found


def _not_among(where: str, value: Any, allowed: Any) -> list[Finding]:
    if value in allowed:
        return []
    text = [str(a) for a in allowed]
    return [Finding(
        "error", where, f"值为「{value}」，可用：{'、'.join(text)}。", f"is '{value}'; allowed: {', '.join(text)}.",
    )]  # fmt: skip
