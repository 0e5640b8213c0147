"""A file of shapes that somebody hands in: unpacked, complete, readable (送来的矢量文件)."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors, count_curved, layer_names, read_vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules

PARTS = (".shp", ".shx", ".dbf")
"""What a shapefile cannot do without; .prj and .cpg have remedies."""

KEPT = (*PARTS, ".prj", ".cpg")
"""Parts of a shapefile that are read."""

KINDS = (".gpkg", ".shp", ".zip", ".geojson", ".json", ".parquet", ".geoparquet")

FARTHEST = 1e8
"""No projected coordinate is as large, m: the earth is 4e7 m around, and the number of a 3-degree zone adds 4.5e7."""

_BROKEN = "\ufffd"
"""What stands for a letter that could not be decoded."""


def read_handed_in(
    path: Path, *, crs: str | None = None, layer: str = "", shared: bool = False, option: str = "--layer"
) -> tuple[Vectors, int]:
    """
    Read a GeoPackage, shapefile (zipped or not), GeoJSON or GeoParquet that somebody hands in (读取送来的矢量).

    Parameters
    ----------
    path : Path
        The file.
    crs : str, optional
        Coordinate system for a file that names none, as ``EPSG:4490``.
    layer : str
        Layer of a GeoPackage that has several; empty if there is one.
    shared : bool
        Whether ``crs`` is meant for several files, so that one may name a system of its own.
    option : str
        How ``layer`` is given on the command line, for messages.

    Returns
    -------
    vectors : Vectors
        Always with a coordinate system.
    curved : int
        Number of shapes that had arcs, which are chords now.

    Raises
    ------
    CallError
        If the file is missing or of another kind, has no such layer or several and none is named, or ``crs`` is no
        system or another than that of the file.
    ShuibaoError
        If a shapefile lacks a part, attributes cannot be decoded, nothing is in it, or no coordinate system is known.
    """
    refuse_no_file(path)
    if path.suffix.lower() not in KINDS:
        raise CallError(
            f"不认识这种矢量文件：{path.name}；可用：{' '.join(KINDS)}（shapefile 可打包为 .zip）。",
            f"{path.name} is no known kind of vector file; give one of: {' '.join(KINDS)} (a shapefile may be zipped).",
        )
    named = None if crs is None else crs_named(crs)
    with _opened(path) as inner:
        try:
            chosen = _layer_of(path, inner, layer, option)
            vectors, curved = read_vectors(inner, layer=chosen), count_curved(inner, layer=chosen)
        except (UnicodeDecodeError, LookupError) as error:
            raise ShuibaoError(
                f"{path.name} 的属性表编码读不出来（{error}）；请核对 .cpg 与实际编码（UTF-8 或 GBK）是否一致。",
                f"the attributes of {path.name} cannot be decoded ({error}); does the .cpg name what they are in (UTF-8, GBK)?",
            ) from error
        except (shapely.errors.ShapelyError, NotImplementedError) as error:
            raise ShuibaoError(
                f"{path.name} 中有读不出来的图形（{error}）；请在 GIS 软件中修复后另存。",
                f"{path.name} holds shapes that cannot be read ({error}); mend them in a GIS and save again.",
            ) from error
    _refuse_unreadable(path, vectors)
    own = vectors.crs
    if own is not None and named is not None and not shared and not own.equals(named, ignore_axis_order=True):
        raise CallError(
            f"{path.name} 自带坐标系 {own.name}，与 --crs {crs} 不同；请去掉 --crs；文件写错了的，请在 GIS 软件中改正。",
            f"{path.name} names its own coordinate system, {own.name}, another than --crs {crs}: leave --crs out; if the file"
            " is wrong, correct it in a GIS.",
        )
    return Vectors(vectors.columns, vectors.geometry, own or named or _no_crs(path), vectors.metadata), curved


def refuse_no_file(path: Path) -> None:
    """
    Refuse what is no file (须是文件).

    Parameters
    ----------
    path : Path
        What was given.

    Raises
    ------
    CallError
        If there is none, or it is a folder.
    """
    if path.is_dir():
        raise CallError(
            f"{path} 是文件夹，不是文件；请给出其中的文件。", f"{path} is a folder, not a file; give a file in it."
        )
    if not path.is_file():
        raise CallError(f"文件不存在：{path}；请核对路径。", f"file not found: {path}; check the path.")


def in_system(vectors: Vectors, crs: CRS, name: str) -> NDArray[Any]:
    """
    Return the shapes of a file in another coordinate system, without heights (换算坐标).

    Parameters
    ----------
    vectors : Vectors
        As read.
    crs : CRS
        The system wanted.
    name : str
        Name of the file, for messages.

    Raises
    ------
    ShuibaoError
        If coordinates are not of the system that the file names.
    """
    shapes = shapely.force_2d(vectors.geometry)
    given = vectors.crs
    points = shapely.get_coordinates(shapes)
    if given is None:
        return np.asarray(shapes, dtype=object)
    degrees = bool(len(points)) and bool((np.abs(points) <= (180, 90)).all())
    swapped = given.is_geographic and not degrees and bool((np.abs(points) <= (90, 180)).all())
    if len(points) and swapped:
        raise ShuibaoError(
            f"{name} 的坐标（如 {points[0][0]:.6g}, {points[0][1]:.6g}）经纬度写反了；请对调，先经度后纬度。",
            f"{name} has latitude before longitude (such as {points[0][0]:.6g}, {points[0][1]:.6g}); put longitude first.",
        )
    if len(points) and given.is_geographic != degrees:
        raise ShuibaoError(
            f"{name} 的坐标系是 {given.name}，而坐标{'像经纬度' if degrees else '不是经纬度'}"
            f"（如 {points[0][0]:.6g}, {points[0][1]:.6g}）：坐标系写错了；请改正 .prj 或重新导出。",
            f"{name} says its coordinate system is {given.name}, but its coordinates are"
            f" {'like degrees' if degrees else 'no degrees'} (such as {points[0][0]:.6g}, {points[0][1]:.6g}): the system is"
            " wrong; correct the .prj or export it again.",
        )
    if len(points) and float(np.nanmax(np.abs(points))) > FARTHEST:
        raise ShuibaoError(
            f"{name} 的坐标（最大 {np.nanmax(np.abs(points)):.3g} m）不在地球上；请在 GIS 软件中改正后另存。",
            f"{name} has coordinates ({np.nanmax(np.abs(points)):.3g} m at most) that are nowhere on earth; correct them.",
        )
    if given == crs:
        return np.asarray(shapes, dtype=object)
    move = between(given, crs)
    moved = shapely.transform(shapes, move.transform, interleaved=False)
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise ShuibaoError(
            f"{name} 的坐标换算不到 {crs.name}：坐标系 {given.name} 多半写错了；请核对。",
            f"the coordinates of {name} cannot be brought to {crs.name}: {given.name} is probably wrong; check it.",
        )
    return np.asarray(moved, dtype=object)


@contextmanager
def _opened(path: Path) -> Iterator[Path]:
    """Give the file that OGR reads: a shapefile taken out of its archive, all of its parts there."""
    if path.suffix.lower() == ".shp":
        _refuse_missing(path.name, [p.suffix.lower() for p in path.parent.glob(f"{path.stem}.*")])
        yield path
        return
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _unpacked(path, Path(folder))


def _unpacked(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
            names = [PurePosixPath(m.filename.replace("\\", "/")) for m in members]
            stems = sorted({n.stem for n in names if n.suffix.lower() in PARTS})
            if len(stems) != 1:
                raise ShuibaoError(
                    f"{path.name} 中应正好有一个 shapefile，现有 {len(stems)} 个（{'、'.join(stems) or '无'}）；请分开打包。",
                    f"{path.name} must hold one shapefile; it holds {len(stems)} ({', '.join(stems) or 'none'}); zip them apart.",
                )
            mine = [(m, n) for m, n in zip(members, names, strict=True) if n.stem == stems[0]]
            _refuse_missing(path.name, [n.suffix.lower() for _, n in mine])
            _refuse_bomb(path.name, [m for m, _ in mine])
            for member, name in mine:
                if name.suffix.lower() in KEPT:
                    _copy(archive, member, folder / f"layer{name.suffix.lower()}")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ShuibaoError(
            f"{path.name} 解不开（{error}）；请重新打包，不要加密码。",
            f"{path.name} cannot be unpacked ({error}); zip it again, without a password.",
        ) from error
    return folder / "layer.shp"


def _refuse_bomb(name: str, members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive that unpacks to more than a package may, by size or by ratio."""
    rules = load_rules(["zone-acceptance"])
    size, ratio = (
        float(rules.value("zone_acceptance.archive_size")),
        float(rules.value("zone_acceptance.archive_ratio")),
    )
    unpacked = sum(member.file_size for member in members)
    if unpacked > size or any(m.file_size > ratio * max(m.compress_size, 1) for m in members):
        raise ShuibaoError(
            f"{name} 展开后有 {unpacked} 字节，压缩比过大（压缩比不超过 {ratio:g}，共不超过 {size:.0f} 字节）；请核对来源，重新打包。",
            f"{name} unpacks to {unpacked} bytes, which is too much (a ratio of {ratio:g} and {size:.0f} bytes at most); check"
            " where it comes from, and zip it again.",
        )


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, out: Path) -> None:
    """Unpack a member piece by piece; what is longer than the archive says is an error of the archive."""
    with archive.open(member) as source, out.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def _refuse_missing(name: str, have: Sequence[str]) -> None:
    missing = [part for part in PARTS if part not in have]
    if missing:
        raise ShuibaoError(
            f"{name} 的 shapefile 不完整，缺少 {'、'.join(missing)}；一个 shapefile 至少有 {'、'.join(PARTS)}，请补齐后再提供。",
            f"the shapefile of {name} is not whole: {', '.join(missing)} missing; it has at least {', '.join(PARTS)}.",
        )


def _refuse_unreadable(path: Path, vectors: Vectors) -> None:
    if not len(vectors.geometry):
        raise ShuibaoError(f"{path.name} 中没有要素；请核对。", f"{path.name} holds no features; check it.")
    for name, values in {**vectors.columns}.items():
        texts = [name, *(v for v in values if isinstance(v, str))]
        if any(_BROKEN in text for text in texts):
            raise ShuibaoError(
                f"{path.name} 的字段「{name}」有解不出的字；请核对 .cpg 与实际编码（UTF-8 或 GBK）是否一致。",
                f"field '{name}' of {path.name} holds letters that cannot be decoded; does the .cpg name what they are in?",
            )


def holds_several(path: Path) -> bool:
    """
    Tell whether a file has several layers, of which one must be named (是否有几个图层).

    Parameters
    ----------
    path : Path
        The file; it need not be there.
    """
    return path.suffix.lower() == ".gpkg" and path.is_file() and len(layer_names(path)) > 1


def _layer_of(path: Path, inner: Path, layer: str, option: str) -> str | None:
    """Return the layer to read, which must be named where there are several; None where there is nothing to choose."""
    if path.suffix.lower() != ".gpkg":
        if layer:
            raise CallError(
                f"{path.name} 只有一个图层，不用 {option}；请去掉。",
                f"{path.name} has one layer only; leave {option} out.",
            )
        return None
    have = layer_names(inner)
    if layer and layer not in have:
        raise CallError(
            f"{path.name} 没有图层「{layer}」；现有：{'、'.join(have) or '无'}，请用 {option} 指明其中一个。",
            f"{path.name} has no layer '{layer}'; it has: {', '.join(have) or 'none'}; name one of them by {option}.",
        )
    if not layer and len(have) > 1:
        raise CallError(
            f"{path.name} 有 {len(have)} 个图层：{'、'.join(have)}；请用 {option} 指明一个。",
            f"{path.name} has {len(have)} layers: {', '.join(have)}; name one of them by {option}.",
        )
    return layer or (have[0] if have else None)


def _no_crs(path: Path) -> CRS:
    raise ShuibaoError(
        f"{path.name} 没有坐标系；请补上 .prj，或用 --crs 注明，如 --crs EPSG:4490。",
        f"{path.name} has no coordinate system; add the .prj, or name it by --crs, as --crs EPSG:4490.",
    )


def crs_named(text: str) -> CRS:
    """
    Return the coordinate system that ``--crs`` names (注明的坐标系).

    Parameters
    ----------
    text : str
        As ``EPSG:4490``.

    Raises
    ------
    CallError
        If there is none of that name.

    Examples
    --------
    >>> crs_named("EPSG:4490").is_geographic
    True
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CallError(
            f"--crs 的值「{text}」不是坐标系；请写成 EPSG:4490。",
            f"--crs '{text}' is no coordinate system; write EPSG:4490.",
        ) from error
