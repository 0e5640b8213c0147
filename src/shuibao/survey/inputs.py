"""From what region.toml says of an input to a source that can be read (输入数据)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shuibao.ground.grid import Grid
from shuibao.ground.reading import Classes, Kind, Method, RasterSource, open_source, opened
from shuibao.ground.units import factor_of
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.region import Region

QUANTITIES = {
    "dem": "elevation",
    "r_factor": "erosivity",
    "soil_k": "erodibility",
    "cover": "cover",
    "tillage": "factor",
}
"""Quantity of each input that has a unit."""

USUAL_UNITS = {"elevation": "m", "cover": "1", "factor": "1"}
"""Units that may be left out."""


def unit_factor(name: str, given: Mapping[str, Any]) -> float:
    """
    Return what the values of an input are multiplied by (单位换算).

    Parameters
    ----------
    name : str
        Input.
    given : mapping
        What region.toml says of it.

    Raises
    ------
    ShuibaoError
        If the unit is missing where it must be given, or not known.
    """
    quantity = QUANTITIES[name]
    unit = given.get("unit", USUAL_UNITS.get(quantity))
    if unit is None:
        raise ShuibaoError(
            f"inputs.{name} 缺少 unit；同名数值在不同单位下相差数倍，请写明单位。",
            f"inputs.{name} has no unit; the same number means different things in different units, so state it.",
        )
    return factor_of(quantity, unit, f"inputs.{name}.unit")


def quantity_source(
    region: Region,
    name: str,
    grid: Grid,
    *,
    method: Method | None = None,
    path: Path | None = None,
    scale: float | None = None,
    band: int | None = None,
) -> RasterSource:
    """
    Open an input that is a quantity (打开连续型输入).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        Input.
    grid : Grid
        Grid it will be read on.
    method : {"nearest", "bilinear", "cubic"}, optional
        How values are taken between pixels; what region.toml says, or bilinear, if not given.
    path : Path, optional
        File to open instead of the one region.toml names, for inputs of many files.
    scale : float, optional
        What values are multiplied by; by the unit if not given.
    band : int, optional
        Band, from 1; what region.toml says, or the first, if not given.
    """
    given = region.inputs[name]
    return open_source(
        path or path_of(region, name),
        grid,
        kind="continuous",
        method=method or _method(name, given),
        scale=unit_factor(name, given) if scale is None else scale,
        **(placing(given) | ({} if band is None else {"band": band})),
    )


def class_source(region: Region, name: str, grid: Grid, classes: Classes | None) -> RasterSource:
    """
    Open an input that holds codes (打开分类型输入).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        Input.
    grid : Grid
        Grid it will be read on.
    classes : Classes or None
        Crosswalk to our classes.
    """
    kind: Kind = "class"
    return open_source(path_of(region, name), grid, kind=kind, classes=classes, **placing(region.inputs[name]))


def path_of(region: Region, name: str) -> Path:
    """
    Return the file of an input (输入文件路径).

    Raises
    ------
    ShuibaoError
        If region.toml gives none.
    """
    given = region.inputs.get(name, {})
    if "path" not in given:
        raise ShuibaoError(
            f'inputs.{name} 缺少 path；请指定文件，如 {name} = {{ path = "inputs/{name}.tif" }}。',
            f'inputs.{name} has no path; name a file, as {name} = {{ path = "inputs/{name}.tif" }}.',
        )
    return region.path_of(given["path"])


def files_of(region: Region, name: str) -> list[Path]:
    """
    Return the files of an input whose path may hold ``*``, in order of their names (多文件输入).

    Raises
    ------
    ShuibaoError
        If no file fits.
    """
    path = path_of(region, name)
    if "*" not in path.name and "?" not in path.name:
        return [path]
    found = sorted(path.parent.glob(path.name))
    if not found:
        raise ShuibaoError(
            f"inputs.{name}.path：没有文件符合 {path}；请核对文件名。",
            f"inputs.{name}.path: no file fits {path}; check the names.",
        )
    return found


def bands_of(region: Region, name: str, most: int) -> list[tuple[Path, int]]:
    """
    Return the files and bands of an input that is one file a layer, or one file of many bands (多文件或多波段输入).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        Input.
    most : int
        A single file with as many bands, of which none is named, stands for as many layers.

    Raises
    ------
    ShuibaoError
        If no file fits.
    """
    files, band = files_of(region, name), region.inputs[name].get("band")
    if len(files) == 1 and band is None and opened(str(files[0])).count == most:
        return [(files[0], number) for number in range(1, most + 1)]
    return [(path, band or 1) for path in files]


def land_classes(region: Region, rules: Rules) -> Classes:
    """
    Return the crosswalk from the codes of the land-use map to our classes (地类代码对照).

    Raises
    ------
    ShuibaoError
        If no scheme is given, or it is not known.
    """
    scheme = region.inputs.get("land_use", {}).get("scheme")
    if scheme is None:
        raise ShuibaoError(
            'inputs.land_use 缺少 scheme（地类代码体系），如 "gb21010"；运行 shuibao rules list 查看全部。',
            'inputs.land_use has no scheme, as "gb21010"; shuibao rules list shows all.',
        )
    return Classes.from_mapping(rules.scheme(scheme))


def land_class_named(rules: Rules, name: str) -> int:
    """
    Return the code of a land class by its id (地类代码).

    Raises
    ------
    CallError
        If there is no such class.
    """
    codes = {str(c["id"]): int(c["code"]) for c in rules.value("land_class.classes")}
    if name not in codes:
        raise CallError(
            f"没有地类「{name}」；可用：{'、'.join(codes)}。", f"no land class '{name}'; there are: {', '.join(codes)}."
        )
    return codes[name]


def _method(name: str, given: Mapping[str, Any]) -> Method:
    method = given.get("method", "cubic" if name == "dem" else "bilinear")
    if method not in ("nearest", "bilinear", "cubic"):
        raise ShuibaoError(
            f"inputs.{name}.method 为「{method}」，可用：nearest、bilinear、cubic。",
            f"inputs.{name}.method is '{method}'; allowed: nearest, bilinear, cubic.",
        )
    chosen: Method = method
    return chosen


def placing(given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what region.toml says of where a raster lies and what is missing in it, for ``open_source`` (定位选项).

    Parameters
    ----------
    given : mapping
        What region.toml says of the input.

    Raises
    ------
    ShuibaoError
        If ``datum_shift`` is not a list of numbers.
    """
    options: dict[str, Any] = {key: given[key] for key in ("band", "nodata", "crs") if key in given}
    if "datum_shift" in given:
        shift = given["datum_shift"]
        if not all(isinstance(v, int | float) for v in shift):
            raise ShuibaoError(
                f"datum_shift 应为 3 个或 7 个数，现为 {shift}；请改正。",
                f"datum_shift takes 3 or 7 numbers, found {shift}; correct it.",
            )
        options["datum_shift"] = tuple(float(v) for v in shift)
    return options
