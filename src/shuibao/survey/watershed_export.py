"""Small watersheds for other programs: one file, of the kind its name says (小流域导出)."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from shuibao.ground.files import renamed
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Columns, Vectors, write_geopackage, write_geoparquet
from shuibao.messages import CallError
from shuibao.survey.region import SIMULATED
from shuibao.survey.watershed_products import WatershedProducts

SHORT = {
    "whole_area_m2": "whole_m2", "upstream_area_m2": "up_m2", "within_limits": "within", "crosses_border": "crosses",
}  # fmt: skip
"""Names that a shapefile can hold, of columns whose own are longer than ten letters."""

DATA_KIND = "data_kind"
"""Column that says in every row that land is made up, where a file keeps no metadata."""

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""An archive must have dates; a fixed one keeps two exports' bytes the same."""

SHAPEFILE_DATE = "2000-01-01"

Writer = Callable[[WatershedProducts, Path], None]


def export_watersheds(products: WatershedProducts, path: Path, writers: dict[str, Writer], *, force: bool) -> None:
    """
    Write the small watersheds as one file, of the kind that its name says (导出小流域).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    path : Path
        File to write, whole or not at all.
    writers : dict of str to callable
        How each kind is written, by the end of its name.
    force : bool
        Whether an existing file may be replaced.

    Raises
    ------
    CallError
        If the kind is unknown, the folder does not exist or is that of the products, or the file does and may not be
        replaced.
    """
    kind = path.suffix.lower()
    if kind not in writers:
        known = " ".join(sorted(writers))
        raise CallError(
            f"不知道怎样写「{path.name}」；文件名应以下列之一结尾：{known}（shapefile 打包为 .zip）。",
            f"cannot tell how to write '{path.name}'; its name must end in one of: {known} (a shapefile goes into a .zip).",
        )
    if not path.parent.is_dir():
        raise CallError(
            f"文件夹 {path.parent} 不存在；请先建好，或换一个路径。",
            f"there is no folder {path.parent}; make it, or choose another path.",
        )
    if path.resolve().is_relative_to(products.region.products.resolve()):
        raise CallError(
            f"{path} 在区域的成果文件夹 products 中，那里只放 shuibao run 的成果，--force 也不覆盖；请导出到别处。",
            f"{path} lies in the region's folder of products, which is for what shuibao run writes; --force does not write "
            "there either: export to another place.",
        )
    if path.is_dir() or (path.exists() and not force):
        raise CallError(
            f"{path} 已存在，不会覆盖；请换一个名称" + ("。" if path.is_dir() else "，或加 --force。"),
            f"{path} exists and is not written over; choose another name"
            + ("." if path.is_dir() else ", or add --force."),
        )
    writers[kind](products, path)


def _tags(products: WatershedProducts) -> dict[str, str]:
    region = products.region
    tags = {"REGION": region.name, "YEAR": str(region.year), "RULE_PACKS": ", ".join(region.rules)}
    return tags | ({"DATA_KIND": SIMULATED} if region.simulated else {})


def _labelled(products: WatershedProducts) -> dict[str, NDArray[Any]]:
    """Return the columns for a file that keeps no metadata: made-up land says so in every row."""
    columns = products.watersheds.columns
    if not products.region.simulated:
        return dict(columns)
    return columns | {DATA_KIND: np.full(len(products.watersheds.geometry), SIMULATED, dtype=object)}


def _geopackage(products: WatershedProducts, path: Path) -> None:
    layers: dict[str, tuple[Columns, NDArray[Any]]] = {
        name: (vectors.columns, vectors.geometry)
        for name, vectors in (
            ("watersheds", products.watersheds), ("management_units", products.units), ("channels", products.channels),
        )
    }  # fmt: skip
    write_geopackage(path, layers, products.crs, metadata=_tags(products))


def _geoparquet(products: WatershedProducts, path: Path) -> None:
    table = products.watersheds
    write_geoparquet(path, table.columns, table.geometry, products.crs, metadata=_tags(products))


def _geojson(products: WatershedProducts, path: Path) -> None:
    """Write longitudes and latitudes of CGCS2000: the form has no other coordinates."""
    table = products.watersheds
    to_degrees = between(table.crs, 4490)
    shapes = shapely.transform(table.geometry, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
    with renamed(path) as temporary:
        _ogr(
            temporary,
            Vectors(_labelled(products), shapes, table.crs),
            "GeoJSON",
            4326,
            COORDINATE_PRECISION="7",
            RFC7946="YES",
        )


def _ogr(path: Path, vectors: Vectors, driver: str, crs: Any, **options: str) -> None:
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(vectors.geometry), dtype=object),
        field_data=[_object(values) for values in vectors.columns.values()],
        fields=list(vectors.columns),
        geometry_type="Unknown" if driver == "GeoJSON" else "Polygon",
        crs=f"EPSG:{crs}" if isinstance(crs, int) else crs.to_wkt(),
        driver=driver,
        layer="watersheds",
        **options,
    )


def _object(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(object) if values.dtype.kind in "US" else values


def _zipped_shapefile(products: WatershedProducts, path: Path) -> None:
    """Write the shapefile with all that belongs to it as one archive: it is several files, and is lost in parts."""
    table = products.watersheds
    columns = {SHORT.get(name, name): _numbers(values) for name, values in _labelled(products).items()}
    with tempfile.TemporaryDirectory() as folder, renamed(path) as temporary:
        shape = Path(folder) / "watersheds.shp"
        _ogr(
            shape,
            Vectors(columns, table.geometry, table.crs),
            "ESRI Shapefile",
            table.crs,
            ENCODING="UTF-8",
            DBF_DATE_LAST_UPDATE=SHAPEFILE_DATE,
        )
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                info = zipfile.ZipInfo(part.name, date_time=ZIP_DATE)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                with part.open("rb") as source, archive.open(info, "w") as target:
                    shutil.copyfileobj(source, target)


def _numbers(values: NDArray[Any]) -> NDArray[Any]:
    """Return truth values as 0 and 1, which a shapefile can hold."""
    return values.astype(np.int16) if values.dtype.kind == "b" else values


def _csv(products: WatershedProducts, path: Path) -> None:
    """Write the table without shapes, with the mark by which spreadsheets know UTF-8."""
    columns = _labelled(products)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
    with renamed(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


WRITERS: dict[str, Writer] = {
    ".gpkg": _geopackage, ".parquet": _geoparquet, ".geojson": _geojson, ".zip": _zipped_shapefile, ".csv": _csv,
}  # fmt: skip
"""How each kind of file is written, by the end of its name. ``.zip`` is a shapefile."""
