"""The contingency table of the land: one row for each combination that occurs (事实表)."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shuibao.ground.files import renamed
from shuibao.messages import CallError, ShuibaoError

DIMENSIONS = ("county", "watershed", "land_use", "slope_class", "cover_class", "erosion_type", "intensity", "zone")
"""Columns that a row is a combination of: 县, 小流域, 地类, 坡度级, 盖度级, 侵蚀类型, 强度级, 区."""

MEASURES = ("cells", "area_m2", "soil_loss_g", "soil_loss_t")
"""Columns that add up: 像元数, 面积, 流失量."""

_COUNTED = ("county", "land_use", "slope_class", "cover_class", "intensity", "zone")
_HUNDREDTHS = 100.0
"""Areas are added up as whole hundredths of a square metre, and what rows hold beyond those apart: exact in any order."""

WATER_EROSION = 1
"""Code of water erosion (水力侵蚀)."""


@dataclass(frozen=True)
class Facts:
    """
    What is known of the land, counted (事实).

    Parameters
    ----------
    table : pyarrow.Table
        Columns :data:`DIMENSIONS` and :data:`MEASURES`, sorted by the dimensions. Class 0 is missing; a cell whose
        soil loss is missing has intensity 0 and no soil loss, and still counts in the area.
    metadata : mapping of str to str
        Provenance: region, year, cell size, rule packs, software version.
    """

    table: pa.Table
    metadata: Mapping[str, str]

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array (列)."""
        values: NDArray[Any] = self.table[name].to_numpy(zero_copy_only=False)
        return values

    def places(self, name: str) -> tuple[list[Any], NDArray[np.int32]]:
        """Return what a column holds, in order of first appearance, and the place there of each row's value (列的取值)."""
        chunks = self.table[name].dictionary_encode().unify_dictionaries().chunks
        if not chunks:
            return [], np.zeros(0, dtype=np.int32)
        return chunks[0].dictionary.to_pylist(), np.concatenate([chunk.indices.to_numpy() for chunk in chunks])

    def grouped(self, by: Sequence[str]) -> pa.Table:
        """
        Sum the facts over all dimensions but some (分组汇总).

        Parameters
        ----------
        by : sequence of str
            Dimensions to keep, in the order wanted.

        Returns
        -------
        pyarrow.Table
            One row for each combination that occurs, sorted. Areas are exact to 0.01 m².

        Raises
        ------
        CallError
            If a name is not a dimension, or is given twice.
        """
        unknown = [name for name in by if name not in DIMENSIONS]
        if unknown:
            close = difflib.get_close_matches(unknown[0], DIMENSIONS, n=1, cutoff=0.5)
            hint_zh, hint_en = (f"，是否应为 {close[0]}", f"; did you mean {close[0]}") if close else ("", "")
            raise CallError(
                f"事实表没有维度「{'、'.join(unknown)}」{hint_zh}；可用：{'、'.join(DIMENSIONS)}。",
                f"facts have no dimension {', '.join(unknown)}{hint_en}; there are: {', '.join(DIMENSIONS)}.",
            )
        keys = list(by)
        twice = sorted({name for name in keys if keys.count(name) > 1})
        if twice:
            raise CallError(
                f"维度「{'、'.join(twice)}」给了两次；每个维度只能给一次。",
                f"dimension {', '.join(twice)} is given twice; give each once.",
            )
        sums = self._sums(keys)
        area = (sums["hundredths"].to_numpy() + np.rint(sums["beyond"].to_numpy()).astype(np.int64)) / _HUNDREDTHS
        grams = sums["soil_loss_g"].to_numpy()
        measures = (sums["cells"], pa.array(area), sums["soil_loss_g"], pa.array(grams / 1e6))
        columns = {name: sums[name] for name in keys} | dict(zip(MEASURES, measures, strict=True))
        table = pa.table(columns)
        return table.sort_by([(name, "ascending") for name in keys]) if keys else table

    def _sums(self, keys: list[str]) -> pa.Table:
        """Return the sums of cells, grams, whole hundredths of a square metre, and what is beyond those."""
        area = self.column("area_m2") * _HUNDREDTHS
        whole = np.rint(area)
        added = {"cells": self.table["cells"], "soil_loss_g": self.table["soil_loss_g"]}
        added |= {"hundredths": pa.array(whole.astype(np.int64)), "beyond": pa.array(area - whole)}
        if not keys:
            return pa.table({name: [np.sum(values.to_numpy())] for name, values in added.items()})
        table = pa.table({name: self.table[name] for name in keys} | added)
        sums = table.group_by(keys, use_threads=False).aggregate([(name, "sum") for name in added])
        return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])

    def write(self, path: Path) -> None:
        """Write the facts as Parquet, whole or not at all (写出)."""
        table = self.table.replace_schema_metadata(
            {"shuibao": json.dumps(dict(self.metadata), ensure_ascii=False, sort_keys=True)}
        )
        with renamed(path) as temporary:
            pq.write_table(table, temporary, compression="zstd")

    @classmethod
    def read(cls, path: Path) -> Facts:
        """
        Read facts (读取事实表).

        Raises
        ------
        ShuibaoError
            If there is no such file, or it is not a table of facts.
        """
        if not path.is_file():
            raise ShuibaoError(
                f"还没有事实表：{path}；请先运行 shuibao run。",
                f"there are no facts yet: {path}; run shuibao run first.",
            )
        try:
            table = pq.read_table(path)
        except pa.ArrowInvalid as error:
            raise ShuibaoError(
                f"{path} 不是事实表（{error}）；请重新运行 shuibao run。",
                f"{path} is not a table of facts ({error}). Run shuibao run again.",
            ) from error
        missing = [name for name in (*DIMENSIONS, *MEASURES) if name not in table.column_names]
        if missing:
            raise ShuibaoError(
                f"{path} 不是事实表，缺少列：{'、'.join(missing)}；请重新运行 shuibao run。",
                f"{path} is not a table of facts; it lacks {', '.join(missing)}. Run shuibao run again.",
            )
        raw = (table.schema.metadata or {}).get(b"shuibao", b"{}")
        return cls(table, json.loads(raw))


def facts_from_counts(
    counts: Mapping[str, NDArray[Any]], counties: Sequence[str], cell_area: float, metadata: Mapping[str, str],
    *, watersheds: Sequence[str] = (), zones: Sequence[str] | None = None,
) -> Facts:  # fmt: skip
    """
    Make the table of facts from counted cells (由计数生成事实表).

    Parameters
    ----------
    counts : mapping of str to (n,) int64 array
        ``county`` (number from 1), ``land_use``, ``slope_class``, ``cover_class``, ``intensity``, ``zone``, ``cells``
        and ``grams``; ``watershed`` (number of the small watershed from 1, 0 none) if there are any. Rows of one
        combination are added up.
    counties : sequence of str
        Codes of the counties, by number.
    cell_area : float
        Area of a cell, m².
    metadata : mapping of str to str
        Provenance.
    watersheds : sequence of str
        Codes of the small watersheds (小流域), by number.
    zones : sequence of str, optional
        Codes of the zones, by number from 1; the column then holds codes, empty for 0, and not numbers.

    Returns
    -------
    Facts
        Sorted by number of the county, code of the small watershed, and the classes.

    Examples
    --------
    >>> one = np.ones(2, dtype=np.int64)
    >>> names = ("county", "land_use", "slope_class", "cover_class", "intensity", "zone", "cells", "grams")
    >>> counts = dict.fromkeys(names, one) | {"watershed": np.array([2, 0])}
    >>> found = facts_from_counts(counts, ["140932"], 900.0, {}, watersheds=["B1", "A1"])
    >>> found.column("watershed").tolist()
    ['', 'A1']
    """
    own, rank = np.unique(np.array(["", *watersheds], dtype=np.str_), return_inverse=True)
    given = {name: np.asarray(counts[name], dtype=np.int64) for name in (*_COUNTED, "cells", "grams")}
    given["watershed"] = rank[counts.get("watershed", np.zeros(given["county"].size, dtype=np.int64))]
    columns, cells, grams = _added_up(given)
    table = pa.table({
        "county": _spelled(columns["county"], np.array(["", *counties], dtype=np.str_)),
        "watershed": _spelled(columns["watershed"], own),
        "land_use": columns["land_use"].astype(np.int8),
        "slope_class": columns["slope_class"].astype(np.int8),
        "cover_class": columns["cover_class"].astype(np.int8),
        "erosion_type": np.where(columns["intensity"] > 0, WATER_EROSION, 0).astype(np.int8),
        "intensity": columns["intensity"].astype(np.int8),
        "zone": (
            columns["zone"].astype(np.int8) if zones is None else _spelled(columns["zone"], np.array(["", *zones], np.str_))
        ),
        "cells": cells,
        "area_m2": cells * cell_area,
        "soil_loss_g": grams,
        "soil_loss_t": grams / 1e6,
    })  # fmt: skip
    return Facts(table, dict(metadata))


def _added_up(
    counts: Mapping[str, NDArray[np.int64]],
) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.int64], NDArray[np.int64]]:
    """Return the combinations that occur, sorted, with their cells and grams."""
    names = ("county", "watershed", *_COUNTED[1:])
    columns = [counts[name] for name in names]
    sizes = [int(values.max(initial=0)) + 1 for values in columns]
    keys, where = np.unique(np.ravel_multi_index(columns, sizes), return_inverse=True)
    cells, grams = (np.zeros(keys.size, dtype=np.int64) for _ in range(2))
    np.add.at(cells, where, counts["cells"])
    np.add.at(grams, where, counts["grams"])
    return dict(zip(names, np.unravel_index(keys, sizes), strict=True)), cells, grams


def _spelled(numbers: NDArray[np.int64], codes: NDArray[np.str_]) -> pa.Array:
    """Return the code of each number as text."""
    return pa.DictionaryArray.from_arrays(numbers, codes).cast(pa.string())
