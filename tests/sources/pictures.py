"""
Draw the pictures of docs/sources.md and count the numbers of its tables.

Run ``python tests/sources/pictures.py`` from the top of the repository; a minute or two.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import rasterio.features
import shapely

from shuibao.ground.grid import Grid, grid_over
from shuibao.sources.boundaries import county_boundaries
from shuibao.sources.imaginary import XINZHOU_SEED, land_and_measures
from shuibao.sources.imaginary.rain import daily_rain, stations_around
from shuibao.sources.imaginary.terrain import WIDE, Relief, relief_around

SEED = XINZHOU_SEED
IMAGES = Path(__file__).parents[2] / "docs" / "images"
COLOURS = {
    "水田": "#7ec8c8", "水浇地": "#c9e07f", "旱地": "#f2e29b", "园地": "#e8b36a",
    "有林地": "#2e7d32", "灌木林地": "#8bbf56", "其他林地": "#5fa84a", "草地": "#c7dba0",
    "城镇": "#dd3333", "农村": "#ee8888", "扰动": "#a0522d", "交通": "#707070",
    "水域": "#3b82c4", "裸土": "#c9a26b", "裸岩": "#9a9a9a", "沙地": "#f5deb3",
    "设施农用地": "#d9a0d9", "沼泽": "#8fd3e8",
}  # fmt: skip
CODES = dict(zip([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20], COLOURS, strict=True))


def slope_degrees(height: np.ndarray, cell: float) -> np.ndarray:
    """Return Horn's slope of the interior, degrees."""
    z = height.astype(float)
    dx = (z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:] - z[:-2, :-2] - 2 * z[1:-1, :-2] - z[2:, :-2]) / (8 * cell)
    dy = (z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:] - z[2:, :-2] - 2 * z[2:, 1:-1] - z[2:, 2:]) / (8 * cell)
    return np.degrees(np.arctan(np.hypot(dx, dy)))


def draw(name: str, grid: Grid, above: Relief) -> None:
    """Draw hillshade and land use of a window side by side."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.colors import LightSource, to_rgb

    height, land, _ = land_and_measures(grid, SEED, above)
    shade = LightSource(315, 45).hillshade(height.astype(float), vert_exag=1.3, dx=grid.cell, dy=grid.cell)
    colours = np.ones((22, 3))
    for code, label in CODES.items():
        colours[code] = to_rgb(COLOURS[label])
    painted = colours[land] * (0.5 + 0.5 * shade[..., None])
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.1))
    left.imshow(shade, cmap="gray", vmin=0, vmax=1)
    right.imshow(painted)
    kilometres = round(0.2 * grid.cols * grid.cell / 1000)
    length = 1000 * kilometres / grid.cell
    for axes in (left, right):
        axes.axis("off")
    left.plot([0.05 * grid.cols, 0.05 * grid.cols + length], [0.95 * grid.rows] * 2, color="k", lw=3)
    left.text(0.05 * grid.cols, 0.93 * grid.rows, f"{kilometres} km", fontsize=9, va="bottom")
    figure.subplots_adjust(0.005, 0.01, 0.995, 0.99, 0.02)
    IMAGES.mkdir(exist_ok=True)
    figure.savefig(IMAGES / name, dpi=100, pil_kwargs={"optimize": True}, metadata={"Software": None})
    image = plt.imread(IMAGES / name)
    from PIL import Image

    flat = Image.fromarray((image[..., :3] * 255).astype(np.uint8)).quantize(160, Image.Quantize.FASTOCTREE)
    flat.save(IMAGES / name, optimize=True)


def count(above: Relief, region: shapely.Geometry, grid: Grid) -> str:
    """Count slope classes and land classes of the region, tile by tile."""
    slopes, land_cells, total, lowest, highest = np.zeros(5), np.zeros(22), 0.0, np.inf, -np.inf
    heights, angles = 0.0, 0.0
    for tile in grid.tiles(2048):
        inside = rasterio.features.geometry_mask([region], tile.shape, tile.transform, invert=True)
        if not inside.any():
            continue
        height, land, _ = land_and_measures(tile.grown(1), SEED, above)
        slope, z = slope_degrees(height, tile.cell)[inside], height[1:-1, 1:-1][inside]
        slopes += np.histogram(slope, [0, 2, 6, 15, 25, 91])[0]
        land_cells += np.bincount(land[1:-1, 1:-1][inside], minlength=22)
        total += z.size
        heights, angles = heights + z.sum(dtype=float), angles + slope.sum(dtype=float)
        lowest, highest = min(lowest, z.min()), max(highest, z.max())
    shares = {name: round(100 * float(land_cells[code]) / total, 2) for code, name in CODES.items()}
    return (
        f"cells {total:.0f}, height {lowest:.0f} {heights / total:.0f} {highest:.0f} m, slope {angles / total:.1f}\n"
        f"<=2, 2-6, 6-15, 15-25, >25: {(100 * slopes / total).round(1).tolist()}\n{shares}\n"
    )


def count_rain(above: Relief, grid: Grid) -> str:
    """Count what the daily rain of the stations adds up to."""
    stations = stations_around(above, grid.bounds)
    dates, rain = daily_rain(stations, SEED)
    month, years = dates.astype("datetime64[M]").astype(int) % 12, 30
    annual, erosive = rain.sum(axis=1) / years, np.where(rain >= 12, rain, 0.0)
    summer, warm = (month >= 5) & (month <= 8), (month >= 4) & (month <= 8)
    return (
        f"stations {len(stations.names)}, annual {annual.min():.0f} {annual.mean():.0f} {annual.max():.0f} mm, "
        f"Jun-Sep {rain[:, summer].sum() / rain.sum():.3f}, wet days {(rain >= 0.1).sum(axis=1).mean() / years:.0f}, "
        f">=12 mm {erosive.sum() / years / len(rain):.0f} mm = {erosive.sum() / rain.sum():.3f} of rain, "
        f"of it May-Sep {erosive[:, warm].sum() / erosive.sum():.3f}, highest day {rain.max():.1f} mm\n"
    )


def main() -> None:
    """Draw and count."""
    region = shapely.union_all(county_boundaries(["140900"]).projected())
    grid = grid_over(region.bounds, 30.0).whole_blocks()
    left, bottom, right, top = grid.bounds
    above = relief_around((left - 28e3, bottom - 28e3, right + 28e3, top + 28e3), SEED, WIDE)
    draw("imaginary-hills.png", grid_over((530e3, 4225e3, 550e3, 4245e3), 30.0), above)
    draw("imaginary-gullies.png", grid_over((597e3, 4147e3, 603e3, 4153e3), 10.0), above)
    sys.stdout.write(count(above, region, grid) + count_rain(above, grid))


if __name__ == "__main__":
    main()
