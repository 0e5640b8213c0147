"""One COG a tile, joined by a virtual raster and described by a STAC collection (分幅 COG、VRT 与 STAC 目录)."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from pyproj import Transformer

from shuibao.ground.files import renamed
from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.tiff import Look
from shuibao.ground.transforming import between

_GDAL_TYPES = {"<f4": "Float32", "|u1": "Byte", "<u2": "UInt16", "<i2": "Int16", "<i4": "Int32"}


def write_mosaic(products: Path, name: str, grid: Grid, tiles: Sequence[Grid], look: Look, parts: Path) -> list[Path]:
    """
    Put the tiles' COGs in a folder of their own and join them (分幅成果入目录).

    Parameters
    ----------
    products : Path
        Folder of products.
    name : str
        Product.
    grid : Grid
        Its extent.
    tiles : sequence of Grid
        Its tiles.
    look : Look
        How it is stored.
    parts : Path
        Where the tiles' tasks left their COGs.

    Returns
    -------
    list of Path
        The virtual raster, the collection, and the tiles.
    """
    folder = products / name
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for tile in tiles:
        path = folder / f"{tile.name()}.tif"
        made = parts / f"{tile.name()}_{name}.tif"
        if made.exists():
            made.replace(path)
        written.append(path)
    virtual = products / f"{name}.vrt"
    with renamed(virtual) as temporary:
        temporary.write_text(virtual_raster(name, grid, tiles, look), encoding="utf-8")
    collection = folder / "collection.json"
    _write_json(collection, stac_collection(name, tiles, look))
    for tile in tiles:
        item = folder / f"{tile.name()}.json"
        _write_json(item, stac_item(name, tile, look))
        written.append(item)
    return [virtual, collection, *written]


def _write_json(path: Path, content: dict[str, Any]) -> None:
    with renamed(path) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def virtual_raster(name: str, grid: Grid, tiles: Sequence[Grid], look: Look) -> str:
    """Return the text of the virtual raster of a product's tiles (VRT 文本)."""
    kind = _GDAL_TYPES[look.dtype]
    lines = [
        f'<VRTDataset rasterXSize="{grid.cols}" rasterYSize="{grid.rows}">',
        f"  <SRS>{escape(grid.crs.to_wkt('WKT1_GDAL'))}</SRS>",
        f"  <GeoTransform>{grid.left}, {grid.cell}, 0.0, {grid.top}, 0.0, {-grid.cell}</GeoTransform>",
        "  <Metadata>",
        *(f'    <MDI key="{escape(k)}">{escape(v)}</MDI>' for k, v in sorted(look.tags.items())),
        "  </Metadata>",
        f'  <VRTRasterBand dataType="{kind}" band="1">',
        f"    <Description>{escape(look.description)}</Description>",
        f"    <NoDataValue>{look.nodata}</NoDataValue>",
    ]
    for tile in tiles:
        place = f'xSize="{tile.cols}" ySize="{tile.rows}"'
        lines += [
            "    <ComplexSource>",
            f'      <SourceFilename relativeToVRT="1">{name}/{tile.name()}.tif</SourceFilename>',
            "      <SourceBand>1</SourceBand>",
            f'      <SourceProperties RasterXSize="{tile.cols}" RasterYSize="{tile.rows}" DataType="{kind}"'
            f' BlockXSize="{BLOCK}" BlockYSize="{BLOCK}"/>',
            f'      <SrcRect xOff="0" yOff="0" {place}/>',
            f'      <DstRect xOff="{tile.col - grid.col}" yOff="{tile.row - grid.row}" {place}/>',
            f"      <NODATA>{look.nodata}</NODATA>",
            "    </ComplexSource>",
        ]
    return "\n".join([*lines, "  </VRTRasterBand>", "</VRTDataset>", ""])


_own = threading.local()


def _degrees(tile: Grid) -> list[float]:
    """Return the bounds of a tile in degrees; a thread makes its transformer once, which takes longer than using it."""
    made: dict[str, Transformer] = _own.__dict__.setdefault("made", {})
    if tile.projection not in made:
        made[tile.projection] = between(tile.crs, 4326)
    return [round(float(v), 6) for v in made[tile.projection].transform_bounds(*tile.bounds)]


def stac_item(name: str, tile: Grid, look: Look) -> dict[str, Any]:
    """Return the STAC item of one tile (STAC 条目)."""
    west, south, east, north = _degrees(tile)
    year = look.tags.get("YEAR", "1970")
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    asset = {
        "href": f"./{tile.name()}.tif",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
    }
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v2.0.0/schema.json"],
        "id": tile.name(),
        "collection": name,
        "bbox": [west, south, east, north],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "datetime": None,
            "start_datetime": f"{year}-01-01T00:00:00Z",
            "end_datetime": f"{year}-12-31T23:59:59Z",
            "proj:wkt2": tile.crs.to_wkt(),
            "proj:shape": list(tile.shape),
            "proj:transform": list(tile.transform)[:6],
        },
        "assets": {"data": asset},
        "links": [{"rel": "collection", "href": "./collection.json"}],
    }


def stac_collection(name: str, tiles: Sequence[Grid], look: Look) -> dict[str, Any]:
    """Return the STAC collection of a product's tiles (STAC 集合)."""
    boxes = np.array([_degrees(tile) for tile in tiles])
    bbox = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
    year = look.tags.get("YEAR", "1970")
    return {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": name,
        "description": look.description or name,
        "license": "other",
        "extent": {
            "spatial": {"bbox": [bbox]},
            "temporal": {"interval": [[f"{year}-01-01T00:00:00Z", f"{year}-12-31T23:59:59Z"]]},
        },
        "summaries": dict(look.tags),
        "links": [{"rel": "item", "href": f"./{tile.name()}.json"} for tile in tiles],
    }
