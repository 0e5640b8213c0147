"""
Tools of the hydrology benchmark that are programs of their own, run from file to file: GRASS GIS and SAGA GIS.

They are used where they are installed. Turning the terrain into their format is outside the times; reading and writing
their own files is inside.
"""

# ruff: noqa: D102 (each operation is described once, in Tool)

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hydrology_tools import CELL, Tool


def run(command: list[str], **more: Any) -> str:
    """Run a program and return what it prints; what went wrong is the last of it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name}: {(done.stderr or done.stdout)[-400:]}")
    return done.stdout


class Grass(Tool):
    """GRASS r.watershed: one call gives directions, accumulation and basins over unfilled ground (least-cost paths)."""

    offers = chain = ("whole",)
    results: ClassVar[dict[str, tuple[str, ...]]] = {"whole": ()}
    names: ClassVar[dict[str, str]] = {"area": "Float64", "directions": "Int16", "labels": "Int32"}

    def load(self, npy: Path, tif: Path) -> None:
        self.location = self.work / "location"
        shutil.rmtree(self.location, ignore_errors=True)
        run(["grass", "-c", str(tif), "-e", str(self.location)])
        self._grass("r.in.gdal", f"input={tif}", "output=dem", "--quiet")
        self._grass("g.region", "raster=dem")
        self.tif = tif

    def _grass(self, *command: str) -> str:
        return run(["grass", str(self.location / "PERMANENT"), "--exec", *command])

    def whole(self) -> float:
        """Return the seconds of r.watershed itself, without the start of a GRASS session."""
        call = (
            f"r.watershed -s -a --quiet --overwrite elevation=dem accumulation=area drainage=directions basin=labels "
            f"threshold={self.threshold}"
        )
        printed = self._grass("sh", "-c", f"began=$(date +%s.%N); {call} || exit 1; echo took $began $(date +%s.%N)")
        began, ended = next(line for line in printed.splitlines() if line.startswith("took ")).split()[1:]
        return float(ended) - float(began)

    def _array(self, name: str) -> Any:
        import rasterio

        path = self.work / f"{name}.tif"
        kind = self.names[name]
        self._grass(
            "r.out.gdal", "-c", "-f", "--quiet", "--overwrite", f"input={name}", f"output={path}", f"type={kind}",
            "format=GTiff", f"nodata={-32768 if kind == 'Int16' else -99999}",
        )  # fmt: skip
        with rasterio.open(path) as dataset:
            return dataset.read(1)

    def _missing(self) -> Any:
        import rasterio

        with rasterio.open(self.tif) as dataset:
            return dataset.read(1) == -9999.0

    def direction_codes(self) -> Any:
        codes = self._array("directions")  # 1 NE, 2 N, ... 8 E, counter-clockwise; negative where water leaves
        out = np.where(codes > 0, (8 - codes) % 8 + 1, 9).astype(np.uint8)
        out[self._missing()] = 0
        return out

    def cells(self) -> Any:
        return np.where(self._missing(), 0, self._array("area"))

    def label(self) -> Any:
        return np.maximum(self._array("labels"), 0)


class Saga(Tool):
    """SAGA: filling with a least slope instead of flats (Wang & Liu XXL), D8 accumulation, channels and basins."""

    offers = chain = ("fill", "accumulation", "basins")
    results: ClassVar[dict[str, tuple[str, ...]]] = {name: () for name in ("fill", "accumulation", "basins")}

    def load(self, npy: Path, tif: Path) -> None:
        rows, cols = np.load(npy, mmap_mode="r").shape
        with (self.work / "dem.sdat").open("wb") as file:
            for below in range(rows, 0, -256):  # SAGA's rows run northward
                # opened anew each time: what stays mapped would count as memory of the programs run later
                lines = np.load(npy, mmap_mode="r")[max(0, below - 256) : below][::-1]
                file.write(np.where(np.isnan(lines), np.float32(-9999.0), lines).astype("<f4").tobytes())
                del lines
        header = {
            "NAME": "dem", "DATAFORMAT": "FLOAT", "DATAFILE_OFFSET": 0, "BYTEORDER_BIG": "FALSE",
            "POSITION_XMIN": CELL / 2, "POSITION_YMIN": CELL / 2, "CELLCOUNT_X": cols, "CELLCOUNT_Y": rows,
            "CELLSIZE": CELL, "Z_FACTOR": 1, "NODATA_VALUE": -9999, "TOPTOBOTTOM": "FALSE",
        }  # fmt: skip
        (self.work / "dem.sgrd").write_text("".join(f"{key}\t= {value}\n" for key, value in header.items()))
        self.npy, self.shape = npy, (rows, cols)

    def _saga(self, library: str, tool: int, **given: Any) -> None:
        words = [word for name, value in given.items() for word in (f"-{name}", str(value))]
        # threads that wait without spinning: on a busy machine SAGA is several times faster so
        surroundings = {**os.environ, "LC_ALL": "C", "OMP_WAIT_POLICY": "PASSIVE"}
        run(["saga_cmd", "-f=q", library, str(tool), *words], cwd=self.work, env=surroundings)

    def fill(self) -> None:
        self._saga("ta_preprocessor", 5, ELEV="dem.sgrd", FILLED="filled.sgrd", MINSLOPE=0.01)

    def accumulation(self) -> None:
        self._saga("ta_hydrology", 0, ELEVATION="filled.sgrd", FLOW="area.sgrd", METHOD=0, FLOW_UNIT=0)

    def basins(self) -> None:
        self._saga(
            "ta_channels", 0, ELEVATION="filled.sgrd", INIT_GRID="area.sgrd", INIT_METHOD=2, INIT_VALUE=self.threshold,
            CHNLNTWRK="channels.sgrd", CHNLROUTE="route.sgrd", SHAPES="channels.shp",
        )  # fmt: skip
        self._saga("ta_channels", 1, ELEVATION="filled.sgrd", CHANNELS="channels.sgrd", BASINS="labels.sgrd")

    def _array(self, name: str) -> Any:
        header = dict(
            (part.strip() for part in line.split("=", 1))
            for line in (self.work / f"{name}.sgrd").read_text().splitlines()
            if "=" in line
        )
        kinds = {"FLOAT": "<f4", "DOUBLE": "<f8", "INTEGER": "<i4", "SHORTINT": "<i2"}
        cells = np.fromfile(self.work / f"{name}.sdat", kinds[header["DATAFORMAT"]]).reshape(self.shape)
        return cells if header["TOPTOBOTTOM"] == "TRUE" else cells[::-1]

    def _missing(self) -> Any:
        return np.isnan(np.load(self.npy))

    def surface(self) -> Any:
        return np.where(self._missing(), np.nan, self._array("filled"))

    def cells(self) -> Any:
        return np.where(self._missing(), 0, self._array("area"))

    def label(self) -> Any:
        return np.maximum(self._array("labels"), 0)
