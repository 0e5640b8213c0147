"""
Terrain for the hydrology benchmark (水文基准用的模拟地形): hills with valleys that drain, and all that makes drainage hard.

    python benchmarks/hydrology_terrain.py --size 2048 --write terrain.tif [--picture hillshade.png]

The land is made up (模拟数据). A coarse lattice carries a tree of channels whose slopes follow Flint's law, as where
uplift and stream power balance (S = k A^-0.45); flanks rise from the channels, ridged noise roughens them, and over this
lie lakes, a plain rounded to whole metres, dug pits, and noise of 5 cm. Beyond an uneven border, and in four holes,
there is no land: about 80 % of the cells are valid, and after filling about 20 % of those have no lower neighbour.

A cell's height is a function of its place, the seed and the size alone (the size sets border and holes), so that any
tile is a window of the whole and 40 000 x 40 000 cells are written in bounded memory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numba import njit
from numpy.typing import NDArray

from shuibao.ground.cog import assemble, write_part
from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.parallel import in_order
from shuibao.ground.writing import look_of
from shuibao.sources.imaginary._kernels import bits, high_share, low_share, noise, smooth_step

CELL = 10.0
"""Size of a cell, m."""

ROW, COL = -417792, 55296
"""Upper left cell of the land: whole tiles of the national grid, in Shanxi."""

NODE = 64
"""Cells between the nodes of the lattice of channels."""

MARGIN = 16
"""Nodes of the lattice outside the land on every side."""

NODES = 660
"""Nodes a side that the lattice has at least, enough for 40 000 cells, so that every size up to there is one land."""

HEIGHT, Y, X, DOWN_Y, DOWN_X, DOWN_Z, RADIUS, RIM, LEVEL = range(9)
"""
What is known of a node: height, m; place, in nodes; the way to the node it drains to; radius of its lake or basin, in
nodes, 0 if it has none; how far in from there the water or the dam reaches; the height of either, m.
"""

LAYERS = 9
STEPS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
TILE = 2048
TAGS = {"DATA_KIND": "模拟数据"}


@lru_cache(maxsize=2)
def lattice(size: int, seed: int = 1) -> NDArray[np.float64]:
    """Return the nodes, (nodes, nodes, LAYERS)."""
    nodes = max(NODES, size // NODE + 2 * MARGIN + 2)
    rough = np.empty((nodes, nodes))
    _roughness(rough, seed)
    tree = np.full((nodes, nodes), -1, dtype=np.int64)
    order = np.empty(nodes * nodes, dtype=np.int64)
    _flood(rough, tree, order)
    height = np.zeros((nodes, nodes))
    for _ in range(4):
        _raise(rough, tree, order, height, seed)
        order[:] = np.argsort(height, axis=None, kind="stable")
        _descend(height, tree)
    net = np.empty((nodes, nodes, LAYERS))
    _scatter(height, tree, seed, net)
    net.flags.writeable = False
    return net


@njit(cache=True, nogil=True)
def _plain_at(x, y, seed):
    """Return how much of a plain there is: 0 hills, 1 plain. x, y: cells."""
    return smooth_step(0.18, 0.34, noise(x / 420.0, y / 420.0, seed + 50))


@njit(cache=True, nogil=True)
def _roughness(rough, seed):
    """Lay the fractal noise that decides where channels run."""
    for i in range(rough.shape[0]):
        for j in range(rough.shape[1]):
            value, width, share = 0.0, 1.0 / 96.0, 1.0
            for octave in range(6):
                value += share * noise(j * width + 0.37, i * width + 0.61, seed + 60 + octave)
                width, share = width * 2.0, share * 0.6
            rough[i, j] = value + 0.15 * low_share(bits(i, j, seed + 70))


@njit(cache=True, nogil=True)
def _scatter(height, tree, seed, net):
    """Put each node somewhere in its square of the lattice, and some in a lake or a basin behind a dam."""
    rows, cols = height.shape
    for i in range(rows):
        for j in range(cols):
            h = bits(i, j, seed + 71)
            net[i, j, HEIGHT] = height[i, j]
            net[i, j, Y], net[i, j, X] = i + 0.76 * (low_share(h) - 0.5), j + 0.76 * (high_share(h) - 0.5)
            kind, size = low_share(bits(i, j, seed + 36)), high_share(bits(i, j, seed + 37))
            net[i, j, RADIUS] = 0.15 + 0.75 * size * size if kind < 0.30 else 0.0
            net[i, j, RIM] = 1.0 if kind < 0.10 else 0.06
            net[i, j, LEVEL] = height[i, j] + 2.0 + 10.0 * low_share(bits(j, i, seed + 38))
    for i in range(rows):
        for j in range(cols):
            a, b = tree[i, j] // cols, tree[i, j] % cols
            net[i, j, DOWN_Y], net[i, j, DOWN_X] = net[a, b, Y] - net[i, j, Y], net[a, b, X] - net[i, j, X]
            net[i, j, DOWN_Z] = net[a, b, HEIGHT] - net[i, j, HEIGHT]


@njit(cache=True, nogil=True)
def _flood(rough, tree, order):
    """Grow the tree from the lattice's edge inward over the lowest ground: receivers, and nodes from outlet to ridge."""
    rows, cols = rough.shape
    heap = [(0.0, np.int64(0))]
    heap.pop()
    for i in range(rows):
        for j in range(cols):
            if i in (0, rows - 1) or j in (0, cols - 1):
                tree[i, j] = i * cols + j
                heappush(heap, (rough[i, j], np.int64(i * cols + j)))
    taken = 0
    while len(heap) > 0:
        level, node = heappop(heap)
        order[taken] = node
        taken += 1
        i, j = node // cols, node % cols
        for di in range(-1, 2):
            for dj in range(-1, 2):
                a, b = i + di, j + dj
                if 0 <= a < rows and 0 <= b < cols and tree[a, b] < 0:
                    tree[a, b] = node
                    heappush(heap, (max(level, rough[a, b]), np.int64(a * cols + b)))


@njit(cache=True, nogil=True)
def _raise(rough, tree, order, height, seed):
    """Give each node the height that Flint's law builds from its receiver up; plains lie twenty times flatter."""
    rows, cols = rough.shape
    area = np.ones(rows * cols)
    receiver = tree.ravel()
    for k in range(order.size - 1, -1, -1):
        node = order[k]
        if receiver[node] != node:
            area[receiver[node]] += area[node]
    flat = height.ravel()
    for k in range(order.size):
        node = order[k]
        below = receiver[node]
        i, j = node // cols, node % cols
        if below == node:
            flat[node] = 100.0 + 10.0 * rough[i, j]
            continue
        far = NODE * CELL * np.sqrt((i - below // cols) ** 2.0 + (j - below % cols) ** 2.0)
        steep = 0.10 * area[node] ** -0.45 * (1.0 + 0.6 * rough[i, j])
        plain = _plain_at((j - MARGIN) * NODE, (i - MARGIN) * NODE, seed)
        flat[node] = flat[below] + far * max(2e-5, steep * (1.0 - 0.95 * plain))


@njit(cache=True, nogil=True)
def _descend(height, tree):
    """Point every node down its steepest descent."""
    rows, cols = height.shape
    for i in range(1, rows - 1):
        for j in range(1, cols - 1):
            best = 0.0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        drop = (height[i, j] - height[i + di, j + dj]) / np.sqrt(float(di * di + dj * dj))
                        if drop > best:
                            best = drop
                            tree[i, j] = (i + di) * cols + j + dj


@njit(cache=True, nogil=True)
def _valley(net, x, y, plain):
    """Return the height between channels, how far the nearest is, and how high a lake or dam stands, m. x, y: cells."""
    u, v = x / NODE + MARGIN, y / NODE + MARGIN
    ci = min(net.shape[0] - 2, max(1, np.int64(np.floor(v + 0.5))))
    cj = min(net.shape[1] - 2, max(1, np.int64(np.floor(u + 0.5))))
    ground, nearest, level = 1e30, 1e30, -1e30
    gain = 0.34 * (1.0 - 0.97 * plain)
    for i in range(ci - 1, ci + 2):
        for j in range(cj - 1, cj + 2):
            node = net[i, j]
            dv, du = v - node[Y], u - node[X]
            a, b = node[DOWN_Y], node[DOWN_X]
            radius = node[RADIUS]
            if radius > 0.0:
                off = np.sqrt(dv * dv + du * du)
                if off < radius and off > radius - node[RIM]:
                    level = max(level, node[LEVEL])
            length = a * a + b * b
            t = 0.0
            if length > 0.0:
                t = min(1.0, max(0.0, (dv * a + du * b) / length))
            dv, du = dv - t * a, du - t * b
            far = np.sqrt(dv * dv + du * du) * (NODE * CELL)
            z = node[HEIGHT] + t * node[DOWN_Z] + gain * far / (1.0 + far / 1500.0)
            ground, nearest = min(ground, z), min(nearest, far)
    return ground, nearest, level


@njit(cache=True, nogil=True)
def _round_about(x, y, spacing, least, most, share, salt):
    """Return how deep inside a disc of a jittered lattice a point lies: 1 at its centre, 0 and less outside."""
    i, j = np.int64(np.floor(y / spacing)), np.int64(np.floor(x / spacing))  # a disc lies within its own square
    if low_share(bits(i, j, salt + 1)) >= share:
        return -1.0
    h = bits(j, i, salt)
    cx, cy = (j + 0.2 + 0.6 * low_share(h)) * spacing, (i + 0.2 + 0.6 * high_share(h)) * spacing
    radius = least + (most - least) * high_share(bits(i, j, salt + 2)) ** 2
    return 1.0 - np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / radius


@njit(cache=True, nogil=True)
def _warped(x, y, seed):
    """Return a place pushed about, so that channels wind. x, y: cells."""
    wx = x + 26.0 * noise(x / 150.0, y / 150.0, seed + 1) + 7.0 * noise(x / 37.0, y / 37.0, seed + 3)
    wy = y + 26.0 * noise(x / 150.0, y / 150.0, seed + 2) + 7.0 * noise(x / 37.0, y / 37.0, seed + 4)
    return wx, wy


@njit(cache=True, nogil=True)
def _ground(net, wx, wy, plain, seed):
    """Return the height of the land without lakes, pits and noise, and that of a lake or dam, m. wx, wy: warped cells."""
    z, far, level = _valley(net, wx, wy, plain)
    lift = min(1.0, far / 220.0) * (1.0 - 0.97 * plain)
    width, height = 1.0 / 58.0, 46.0
    for octave in range(4):
        z += lift * height * abs(noise(wx * width, wy * width, seed + 10 + octave))
        width, height = width * 2.1, height * 0.47
    return z, level


@njit(cache=True, nogil=True)
def _is_land(x, y, size, seed):
    """Tell whether a cell is valid: within an uneven border and outside four holes. x, y: cells."""
    u, v = 2.0 * x / size - 1.0, 2.0 * y / size - 1.0
    out = u * u * u * u + v * v * v * v
    if out > 0.45:  # within, no border comes
        edge = 0.945 + 0.05 * noise(3.0 * u, 3.0 * v, seed + 40) + 0.02 * noise(11.0 * u, 11.0 * v, seed + 41)
        if out > edge * edge * edge * edge:
            return False
    for k in range(4):
        du = u - (0.43 if k % 2 else -0.37) - 0.1 * low_share(bits(k, 1, seed + 42))
        dv = v - (0.41 if k // 2 else -0.45) - 0.1 * low_share(bits(k, 2, seed + 42))
        far = du * du + dv * dv
        if far < 0.0144:
            radius = 0.06 + 0.02 * k / 3.0 + 0.015 * noise(9.0 * u, 9.0 * v, seed + 43)
            if far < radius * radius:
                return False
    return True


@njit(cache=True, nogil=True)
def _lay(net, row, col, size, seed, out):
    """Write the heights of a window whose upper left cell is (row, col)."""
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            i, j = row + r, col + c
            x, y = j + 0.5, i + 0.5
            if not _is_land(x, y, size, seed):
                out[r, c] = np.nan
                continue
            plain = _plain_at(x, y, seed)
            wx, wy = _warped(x, y, seed)
            z, level = _ground(net, wx, wy, plain, seed)
            h = bits(i, j, seed + 30)
            grain = 0.0866 * (low_share(h) + high_share(h) - 1.0) + 0.0866 * (low_share(bits(j, i, seed + 31)) - 0.5)
            z += 1.2 * grain
            pit = low_share(bits(j, i, seed + 32))
            if pit < 0.0008:
                z -= 0.5 + 4000.0 * pit
            hollow = _round_about(x, y, 140.0, 2.0, 9.0, 0.5, seed + 33)
            if hollow > 0.0:
                z -= 12.0 * hollow
            if plain > 0.9:
                z = np.floor(z + 0.5)
            z = max(z, level)
            out[r, c] = z


def window(
    net: NDArray[np.float64], size: int, row: int, col: int, shape: tuple[int, int], seed: int = 1
) -> NDArray[np.float32]:
    """Return the heights of a window of the land of ``size`` x ``size`` cells, NaN where there is none."""
    out = np.empty(shape, dtype=np.float32)
    _lay(net, row, col, size, seed, out)
    return out


def terrain(size: int, seed: int = 1, jobs: int = 2) -> NDArray[np.float32]:
    """Return the whole land in memory."""
    net = lattice(size, seed)
    out = np.empty((size, size), dtype=np.float32)

    def band(row: int) -> None:
        _lay(net, row, 0, size, seed, out[row : row + 256])

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(band, range(0, size, 256)))
    return out


def grid_of(size: int) -> Grid:
    """Return where the land lies."""
    return Grid(CELL, ROW, COL, size, size)


def write_product(path: Path, size: int, seed: int = 1, jobs: int = 2) -> None:
    """Write the land as a product of the ground room, tile by tile; memory does not grow with the size."""
    grid, net = grid_of(size), lattice(size, seed)
    whole, look = grid.whole_blocks(BLOCK), look_of(np.float32, tags=TAGS)

    def tile(box: Grid) -> tuple[Grid, Path]:
        cells = window(net, size, box.row - ROW, box.col - COL, box.shape, seed)
        part = Path(folder) / box.name()
        write_part(part, cells, look)
        return box, part

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        assemble(path, whole, list(in_order(tile, whole.tiles(TILE), jobs)), look)


def write_plain(path: Path, cells: NDArray[np.float32]) -> None:
    """Write the land as the plainest GeoTIFF there is, which every tool reads: no compression, -9999 for missing."""
    grid = grid_of(cells.shape[0])
    profile: dict[str, Any] = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": grid.rows, "width": grid.cols, "nodata": -9999.0,
        "crs": rasterio.crs.CRS.from_wkt(grid.crs.to_wkt("WKT1_GDAL")), "transform": grid.transform,
        "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.update_tags(**TAGS)
        for rows in _bands(grid.rows):
            box = rasterio.windows.Window(0, rows.start, grid.cols, rows.stop - rows.start)
            out.write(np.where(np.isnan(cells[rows]), np.float32(-9999.0), cells[rows]), 1, window=box)


def _bands(rows: int) -> Iterator[slice]:
    return (slice(r, min(rows, r + 512)) for r in range(0, rows, 512))


def picture(path: Path, cells: NDArray[np.float32]) -> None:
    """Draw a hillshade of at most 1500 cells a side."""
    from matplotlib import pyplot
    from matplotlib.colors import LightSource

    step = max(1, cells.shape[0] // 1500)
    shown = cells[::step, ::step]
    light = LightSource(315, 45).hillshade(
        np.nan_to_num(shown, nan=float(np.nanmin(shown))), dx=CELL * step, dy=CELL * step
    )
    pyplot.imsave(path, np.where(np.isnan(shown), 1.0, light), cmap="gray")


def main() -> None:
    """Write or draw the land."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--size", type=int, default=2048, help="cells a side")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", type=Path, help="GeoTIFF to write, in bounded memory")
    words.add_argument("--picture", type=Path, help="hillshade to draw, PNG")
    given = words.parse_args()
    began = time.perf_counter()
    if given.write:
        write_product(given.write, given.size, given.seed)
    if given.picture:
        picture(given.picture, terrain(given.size, given.seed))
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
