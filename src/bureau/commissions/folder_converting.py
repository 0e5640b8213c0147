"""
The child that opens an uploaded region folder: ``python -m bureau.commissions.folder_converting JOB`` (区域文件夹转换子进程).

Only ``region.toml`` and the files that it names are taken out of the archive; each is converted as a single upload is, and
written under the same path in a folder of our own. ``shuibao check`` then looks at it as it will be run. What comes out is an
archive of that folder, whose bytes follow from the content alone.
"""

from __future__ import annotations

import fnmatch
import json
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bureau.commissions.converting import BLOCK, CELLS, TIFF, convert_table, convert_vector, head_of, keep_within_limits
from bureau.commissions.kinds import CARBON, CLAY, FOLDER, HALF_MONTHS, MATTER, SAND, SILT, TEXTURE
from bureau.commissions.unpacking import PARTS, Refused, check_members

PATH_KEYS = {"path", "stations", "sand", "silt", "clay", "organic_carbon", "organic_matter"}
"""Keys of an input that name files, as ``region.toml`` has them; a path may have ``*`` in it."""
RASTERS, VECTORS, TABLES, JSON = (".tif", ".tiff"), (".gpkg", ".shp"), (".csv",), (".geojson", ".json")
MOST_BANDS, MOST_FINDINGS, MOST_TOML = 64, 200, 2**20
SAME_TIME = (2000, 1, 1, 0, 0, 0)


def main() -> None:
    """Convert the folder that the job names, and print what became of it (转换)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    try:
        act = convert if job["kind"] == FOLDER else convert_series
        told = act(Path(job["raw"]), Path(job["made"]), Path(job["folder"]), job["kind"])
    except Refused as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "文件太大，超出转换所允许的内存；请裁切后再上传。"}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the parent reads it


def convert(raw: Path, made: Path, work: Path, kind: str = FOLDER) -> dict[str, Any]:
    """
    Convert a region folder (转换区域文件夹).

    Parameters
    ----------
    raw : Path
        Archive that was uploaded.
    made : Path
        Archive to write.
    work : Path
        An empty folder.
    kind : str
        A region folder.

    Returns
    -------
    dict
        ``region`` as the file says it, ``inputs`` that it has, and the ``findings`` of the check, errors first.

    Raises
    ------
    Refused
        If the archive is not honest, or holds no region folder, or files that are not what they should be; all at once.
    """
    region = work / "region"
    try:
        with zipfile.ZipFile(raw) as archive:
            members = {name_of(m): m for m in archive.infolist() if not m.is_dir()}
            check_members(list(members.values()), raw.stat().st_size)
            base, toml = _region_file(archive, members)
            inside = {name.relative_to(base): m for name, m in members.items() if name.is_relative_to(base)}
            _take(archive, inside, toml, region, work / "raw")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as broken:
        raise Refused("压缩包损坏、加了密码或压缩方式不受支持；请用普通 ZIP 重新打包。") from broken
    told = _checked(region, toml)
    _pack(region, made)
    return told


def convert_series(raw: Path, made: Path, work: Path, kind: str) -> dict[str, Any]:
    """
    Convert an archive of rasters that make one input (转换成套栅格).

    Parameters
    ----------
    raw, made, work : Path
        As for :func:`convert`.
    kind : {"cover_24", "texture"}

    Raises
    ------
    Refused
        If it does not hold just those rasters, or they are not what they should be.
    """
    try:
        with zipfile.ZipFile(raw) as archive:
            members = {name_of(m): m for m in archive.infolist() if not m.is_dir()}
            check_members(list(members.values()), raw.stat().st_size)
            rasters = sorted(n for n in members if n.suffix.lower() in RASTERS and not n.name.startswith((".", "__")))
            named = _half_months(rasters) if kind == "cover_24" else _textures(rasters)
            inside = {PurePosixPath(own): members[name] for own, name in named.items()}
            for own in inside:
                _one(archive, inside, own, work / "series", work / "raw")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as broken:
        raise Refused("压缩包损坏、加了密码或压缩方式不受支持；请用普通 ZIP 重新打包。") from broken
    _pack(work / "series", made)
    return {"members": {own: str(name)[-120:] for own, name in named.items()}}


def _half_months(rasters: list[PurePosixPath]) -> dict[str, PurePosixPath]:
    """Return the rasters of the half-months, in the order of their names."""
    if len(rasters) != HALF_MONTHS:
        raise Refused(f"压缩包里应有 {HALF_MONTHS} 个半月的 GeoTIFF，现有 {len(rasters)} 个；请补齐后重新打包。")
    return {f"fvc_{number:02d}.tif": name for number, name in enumerate(rasters, 1)}


def _textures(rasters: list[PurePosixPath]) -> dict[str, PurePosixPath]:
    """Return the rasters of soil texture, each known by a word in its name."""
    found: dict[str, PurePosixPath] = {}
    for name in rasters:
        stem = name.stem.lower()
        own = next((key for key, words in TEXTURE.items() if any(word in stem for word in words)), None)
        if own is None or f"{own}.tif" in found:
            raise Refused(
                f"看不出“{name.name[:60]}”是哪一种；文件名应各含 sand、silt、clay 和 soc（有机碳）或 som（有机质）。"
            )
        found[f"{own}.tif"] = name
    lost = [key for key in (SAND, SILT, CLAY) if f"{key}.tif" not in found]
    if lost or not {f"{CARBON}.tif", f"{MATTER}.tif"} & set(found):
        raise Refused("土壤质地须有砂粒、粉粒、黏粒和有机碳（或有机质）四个 GeoTIFF；请补齐后重新打包。")
    return found


def name_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """
    Return the path of a member; names that are not in UTF-8 are in GBK, as Windows writes them (成员路径).

    Parameters
    ----------
    member : ZipInfo
    """
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gbk")
        except UnicodeError:
            name = member.filename
    return PurePosixPath(name.replace("\\", "/"))


def _region_file(
    archive: zipfile.ZipFile, members: Mapping[PurePosixPath, zipfile.ZipInfo]
) -> tuple[PurePosixPath, dict[str, Any]]:
    """Return where the region folder is in an archive, and what its ``region.toml`` says."""
    found = sorted(
        (n for n in members if n.name == "region.toml" and "__MACOSX" not in n.parts), key=lambda n: len(n.parts)
    )
    if not found or (len(found) > 1 and len(found[0].parts) == len(found[1].parts)):
        raise Refused(
            f"压缩包里应恰有一个 region.toml，现有 {len(found)} 个；请打包一个由 shuibao new 建立的区域文件夹。"
        )
    if members[found[0]].file_size > MOST_TOML:
        raise Refused("region.toml 大得不像说明文件；请核对后重新打包。")
    try:
        toml = tomllib.loads(archive.read(members[found[0]]).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("region.toml 不是 UTF-8 编码（像是 GBK）；请在编辑器中另存为 UTF-8。") from None
    except tomllib.TOMLDecodeError as wrong:
        raise Refused(f"region.toml 不合 TOML 格式（{wrong}）；请改正后重新打包。") from wrong
    return found[0].parent, toml


def _take(
    archive: zipfile.ZipFile,
    inside: Mapping[PurePosixPath, zipfile.ZipInfo],
    toml: dict[str, Any],
    region: Path,
    raw: Path,
) -> None:
    """Take the files that ``region.toml`` names, convert each, and write ``region.toml`` anew."""
    from shuibao.survey.making import toml as in_toml

    wrong: list[str] = []
    wanted: dict[PurePosixPath, str] = {}
    for where, table, key in _named(toml):
        text = str(table[key])
        if not _stays(text):
            wrong.append(f"{where}：路径“{text[:80]}”不在文件夹之内；应为 inputs/ 下的相对路径")
            continue
        names = [name for name in inside if fnmatch.fnmatchcase(name.as_posix(), PurePosixPath(text).as_posix())]
        wanted |= dict.fromkeys(names, where)
        if text.lower().endswith(".shp"):
            table[key] = f"{text[:-4]}.gpkg"
    for name, where in wanted.items():
        try:
            _one(archive, inside, name, region, raw)
        except Refused as refused:
            wrong.append(f"{where}（{name}）：{refused}")
    if wrong:
        raise Refused("区域文件夹里有不能用的文件：\n" + "\n".join(wrong[:40]))
    region.mkdir(parents=True, exist_ok=True)
    lines = []
    for title in ("region", "inputs", "output", "water"):
        if isinstance(toml.get(title), Mapping):
            lines += [f"[{title}]", *(f"{_key(key)} = {in_toml(value)}" for key, value in toml[title].items()), ""]
    lost = [str(title) for title in toml if title not in ("region", "inputs", "output", "water")]
    if lost:
        raise Refused(f"region.toml 有不认识的表 {'、'.join(lost[:5])}；可用：region、inputs、output、water。")
    text = "\n".join(lines)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as odd:
        raise Refused(f"region.toml 里有写法不受支持的值（{odd}）；请写成普通的文字、数或表。") from odd
    (region / "region.toml").write_text(text, encoding="utf-8")


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _named(toml: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield where files are named: what is told of the place, the table or list that names one, and the key in it."""
    inputs = toml.get("inputs", {})
    for name, table in inputs.items() if isinstance(inputs, dict) else ():
        for key in PATH_KEYS & set(table) if isinstance(table, dict) else ():
            if isinstance(table[key], str):
                yield f"inputs.{name}.{key}", table, key
    region = toml.get("region", {})
    if isinstance(region, dict):
        rules = region.get("rules", [])
        for place, rule in enumerate(rules if isinstance(rules, list) else []):
            if str(rule).endswith(".toml"):
                yield "region.rules", rules, place
        if str(region.get("targets", "")).endswith(".toml"):
            yield "region.targets", region, "targets"


def _stays(text: str) -> bool:
    r"""
    Return whether a path stays in its folder (路径是否在文件夹内).

    Examples
    --------
    >>> [_stays(t) for t in ("inputs/dem.tif", "../dem.tif", "/etc/passwd", "C:/dem.tif", "inputs\\dem.tif", "http://x/a.tif")]
    [True, False, False, False, False, False]
    """
    path = PurePosixPath(text)
    return bool(text) and not (path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or "\0" in text)


def _one(
    archive: zipfile.ZipFile,
    inside: Mapping[PurePosixPath, zipfile.ZipInfo],
    name: PurePosixPath,
    region: Path,
    raw: Path,
) -> None:
    """Unpack one file and convert it to the same path of the folder."""
    suffix = name.suffix.lower()
    made = region / name
    made.parent.mkdir(parents=True, exist_ok=True)
    source = raw / f"file{suffix}"
    raw.mkdir(exist_ok=True)
    parts = [name.with_suffix(part) for part in (PARTS if suffix == ".shp" else ())]
    for path in (name, *(part for part in parts if part in inside and part != name)):
        with archive.open(inside[path]) as packed, (raw / f"file{path.suffix.lower()}").open("wb") as out:
            while chunk := packed.read(2**20):
                out.write(chunk)
    try:
        if suffix in RASTERS:
            _raster(source, made)
        elif suffix in VECTORS:
            convert_vector(source, made.with_suffix(".gpkg"), {})
        elif suffix in TABLES:
            convert_table(source, made, {})
        elif suffix in JSON:
            made.write_text(_geojson(source), encoding="utf-8")
        elif suffix == ".toml":
            made.write_text(_toml(source), encoding="utf-8")
        else:
            raise Refused(
                f"不支持 {suffix or '没有扩展名的'} 文件；可用 GeoTIFF、CSV、GeoPackage、shapefile、GeoJSON。"
            )
    finally:
        for left in raw.iterdir():
            left.unlink()


def _toml(source: Path) -> str:
    """Return a file of rules as text, refusing what is no TOML or names files elsewhere."""
    try:
        text = source.read_bytes()[: MOST_TOML + 1].decode("utf-8-sig")
        tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise Refused("规则文件不是 UTF-8 的 TOML；请核对后重新打包。") from wrong
    return text


def _geojson(source: Path) -> str:
    """Return a GeoJSON anew, from its features alone."""
    try:
        told = json.loads(source.read_bytes().decode("utf-8-sig"))
        features = [{key: one.get(key) for key in ("type", "properties", "geometry")} for one in told["features"]]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Refused("文件不是 GeoJSON 要素集；请重新导出。") from wrong
    crs = {"crs": told["crs"]} if isinstance(told.get("crs"), dict) and told["crs"].get("type") == "name" else {}
    return json.dumps({"type": "FeatureCollection", **crs, "features": features}, ensure_ascii=False)


def _raster(raw: Path, made: Path) -> None:
    """Copy all bands of a GeoTIFF, block by block, into one of ours; what makes it known as made up is kept."""
    import numpy as np
    import rasterio
    from rasterio.errors import RasterioError

    if not head_of(raw).startswith(TIFF):
        raise Refused("文件不是 GeoTIFF（内容与扩展名不符）；请导出为 GeoTIFF。")
    try:
        with rasterio.open(raw, driver="GTiff") as source:
            kind = np.dtype(source.dtypes[0])
            block = int(np.prod(source.block_shapes[0])) * kind.itemsize
            if source.width * source.height * source.count > CELLS or block > BLOCK or source.count > MOST_BANDS:
                raise Refused("GeoTIFF 太大，或没有分块；请裁切到辖区，并以分块（tiled）方式导出。")
            if kind.kind not in "iuf":
                raise Refused(f"像元类型 {kind} 不受支持；应为整数或浮点数。")
            look = {
                "driver": "GTiff", "width": source.width, "height": source.height, "count": source.count, "dtype": kind,
                "crs": source.crs, "transform": source.transform, "nodata": source.nodata, "tiled": True,
                "blockxsize": 512, "blockysize": 512, "compress": "zstd", "BIGTIFF": "IF_SAFER", "interleave": "band",
            }  # fmt: skip
            with rasterio.open(made, "w", **look) as out:
                for band in range(1, source.count + 1):
                    for _, window in out.block_windows(band):
                        out.write(source.read(band, window=window), band, window=window)
                out.scales, out.offsets = source.scales, source.offsets
                if "DATA_KIND" in source.tags():
                    out.update_tags(DATA_KIND=source.tags()["DATA_KIND"][:40])
    except RasterioError as broken:
        raise Refused("GeoTIFF 损坏或不完整，读不出来；请重新导出。") from broken


def _checked(folder: Path, toml: dict[str, Any]) -> dict[str, Any]:
    """Check the folder as it will be run, and return what it says of itself and what was found, errors first."""
    from shuibao.messages import ShuibaoError
    from shuibao.survey.checking import check_region
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    try:
        result = check_region(folder, jobs=1)
    except ShuibaoError as wrong:
        raise Refused(f"区域文件夹检查不下去：{wrong.zh}") from wrong
    found = sorted(result.findings, key=lambda f: f.severity != "error")
    told: dict[str, Any] = {
        "findings": [{"wrong": f.severity == "error", "where": f.where, "text": f.zh} for f in found[:MOST_FINDINGS]],
        "errors": result.errors, "warnings": result.warnings, "inputs": sorted(map(str, toml.get("inputs", {}))),
    }  # fmt: skip
    if result.passed:
        region = load_region(folder)
        told["region"] = {
            "name": region.name, "level": region.level, "codes": list(region.codes), "year": region.year, "cell": region.cell,
            "rules": [str(rule) for rule in region.rules], "simulated": is_simulated(region),
        }  # fmt: skip
    return told


def _pack(folder: Path, made: Path) -> None:
    """Write a folder as an archive, the same bytes for the same content."""
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED, allowZip64=True) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), SAME_TIME)
            member.external_attr = 0o100644 << 16
            with path.open("rb") as file, out.open(member, "w", force_zip64=True) as packed:
                while chunk := file.read(2**20):
                    packed.write(chunk)


if __name__ == "__main__":
    main()
