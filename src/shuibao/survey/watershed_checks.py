"""Whether small watersheds are what they must be: coded, linked, bounded, without gap or overlap (小流域检查)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import Finding
from shuibao.rules import Rules, load_rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import Region
from shuibao.survey.watershed_coverage_checks import place_in_degrees, shape_findings
from shuibao.survey.watershed_products import WatershedProducts, read_watersheds
from shuibao.survey.watershed_raster_checks import count_findings
from shuibao.survey.watershed_tables import CHANNELS, UNITS, WATERSHEDS, scheme_name
from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES, Reason
from shuibao.watershed.watershed_codes import CODE, longest_code

SHARE = 1e-9
"""What two shares may differ by."""


def check_watersheds(region: Region) -> list[Finding]:
    """
    Check the small watersheds of a region that has been run (检查小流域成果).

    Parameters
    ----------
    region : Region
        The region folder.

    Returns
    -------
    list of Finding
        Every fault, with the code of the small watershed and where it lies. Empty if all is well.

    Raises
    ------
    ShuibaoError
        If there are no small watersheds, or a file cannot be read.

    Notes
    -----
    Codes are well formed and unique; what drains into what is a forest; areas add up to the region to the square metre,
    parts by county to their unit and shares to one; areas are within the limits or say why not; types are known; names
    are unique in a county; polygons leave no gap and do not overlap; the raster, the facts and the tables count the same
    cells.
    """
    products = read_watersheds(region)
    rules = load_rules(region.packs)
    table, counties = _Table(products), counties_of(region)
    checks = (
        _codes(table, rules), _links(table), _areas(table), _limits(table), _words(table), _parts(table),
        _channels(table), shape_findings(products, counties, table.spot),
        count_findings(products, counties, table.spot),
    )  # fmt: skip
    return [finding for found in checks for finding in found]


@dataclass(frozen=True)
class _Table:
    """The small watersheds by row, and how a row is named in messages."""

    products: WatershedProducts

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.products.column(name)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each code, the first if there are several."""
        codes = self["code"].tolist()
        return dict(zip(reversed(codes), range(len(codes) - 1, -1, -1), strict=True))

    @cached_property
    def cell_area(self) -> float:
        """Area of a cell, m²."""
        return self.products.region.cell**2

    def spot(self, k: int) -> tuple[str, str]:
        """Return how a row is called, and where its outlet lies, in degrees."""
        x, y = float(self["outlet_x"][k]), float(self["outlet_y"][k])
        return f"{WATERSHEDS} {self['code'][k]}", place_in_degrees(self.products.watersheds.crs, x, y)

    def fault(self, k: int, zh: str, en: str) -> Finding:
        """Return a fault of a row."""
        where, place = self.spot(k)
        return Finding("error", f"{where} {place}", zh, en)


def _codes(table: _Table, rules: Rules) -> Iterator[Finding]:
    scheme = scheme_name(table.products.region)
    longest, by_county = longest_code(rules, scheme), scheme == "county"
    codes = table["code"].tolist()
    count = Counter(codes)
    for k, code in enumerate(codes):
        if not CODE.fullmatch(code):
            yield table.fault(
                k, f"代码“{code}”只能用数字与大写字母。", f"the code '{code}' must be digits and capitals."
            )
        if len(code) > longest:
            yield table.fault(
                k, f"代码“{code}”有 {len(code)} 位，最多 {longest} 位。", f"the code '{code}' is longer than {longest}."
            )
        if by_county and not code.startswith(str(table["county"][k])):
            county = table["county"][k]
            yield table.fault(
                k,
                f"代码“{code}”应以主县代码 {county} 开头。",
                f"the code '{code}' must begin with its county {county}.",
            )
        if count[code] > 1 and table.row[code] == k:
            yield table.fault(
                k, f"代码“{code}”用了 {count[code]} 次。", f"the code '{code}' is used {count[code]} times."
            )


def _links(table: _Table) -> Iterator[Finding]:
    codes, downs = table["code"].tolist(), table["down_code"].tolist()
    below = np.full(len(codes), -1, dtype=np.int64)
    for k, down in enumerate(downs):
        if down and down not in table.row:
            yield table.fault(
                k, f"流入的“{down}”不存在；应为表中的代码，流出区域则为空。",
                f"drains into '{down}', which does not exist; name a code of the table, or leave it empty.",
            )  # fmt: skip
        elif down:
            below[k] = table.row[down]
    for ring in cycles(below):
        names = [str(codes[k]) for k in ring]
        yield table.fault(
            ring[0], f"水流成环：{' → '.join([*names, names[0]])}；上下游关系应是树。",
            f"water goes in a circle: {' → '.join([*names, names[0]])}; what drains into what must be a tree.",
        )  # fmt: skip
    yield from _upstream(table, below)


def _upstream(table: _Table, below: NDArray[np.int64]) -> Iterator[Finding]:
    """Yield units into which more drains than they say; less may come from units inside: others lie beyond the border."""
    total = table["whole_area_m2"] + table["upstream_area_m2"]
    entering = np.zeros(below.size)
    np.add.at(entering, below[below >= 0], total[below >= 0])
    for k in np.flatnonzero(entering > table["upstream_area_m2"] + table.cell_area / 2):
        said, found = table["upstream_area_m2"][k], entering[k]
        yield table.fault(
            int(k), f"上游面积 {said:.0f} m²，而流入它的小流域共 {found:.0f} m²。",
            f"has {said:.0f} m² upstream, but what drains into it has {found:.0f} m².",
        )  # fmt: skip


def cycles(below: NDArray[np.int64]) -> list[list[int]]:
    """
    Return the circles in which water would run (成环检查).

    Parameters
    ----------
    below : (n,) int64 array
        Row that each row drains into; -1 if none.

    Returns
    -------
    list of list of int
        Rows of each circle, downstream, from its lowest row.

    Examples
    --------
    >>> cycles(np.array([1, 2, 1, 3, -1]))
    [[1, 2], [3]]
    """
    state = np.zeros(below.size, dtype=np.int64)  # 0 not seen; else the walk that saw it, from 1
    found = []
    for start in range(below.size):
        k = start
        while k >= 0 and not state[k]:
            state[k] = start + 1
            k = int(below[k])
        if k >= 0 and state[k] == start + 1:
            ring = [k]
            while (k := int(below[k])) != ring[0]:
                ring.append(k)
            lowest = ring.index(min(ring))
            found.append(ring[lowest:] + ring[:lowest])
    return found


def _areas(table: _Table) -> Iterator[Finding]:
    own, whole = table["area_m2"], table["whole_area_m2"]
    crossing = table["crosses_border"].astype(bool)
    for k in range(own.size):
        if not 0 < own[k] <= whole[k]:
            yield table.fault(
                k, f"区内面积 {own[k]:.0f} m² 应大于 0、不大于整个小流域的 {whole[k]:.0f} m²。",
                f"{own[k]:.0f} m² in the region must be above 0 and at most the whole {whole[k]:.0f} m².",
            )  # fmt: skip
        for area in (own[k], whole[k]):
            if abs(area / table.cell_area - round(area / table.cell_area)) > 1e-6:
                yield table.fault(
                    k, f"面积 {area} m² 不是整数个像元（每个 {table.cell_area:g} m²）。",
                    f"{area} m² is no whole number of cells of {table.cell_area:g} m².",
                )  # fmt: skip
        if crossing[k] != (own[k] < whole[k]):
            yield table.fault(
                k, "crosses_border 与面积不符。", "crosses_border contradicts the areas."
            )  # fmt: skip
    yield from _territory(table)


def _territory(table: _Table) -> Iterator[Finding]:
    total, region = float(table["area_m2"].sum()), float(table.products.summary["region_m2"])
    lost = float(table.products.summary.get("unassigned_m2", 0.0))
    apart = total + lost - region
    if round(apart):
        bare_zh, bare_en = (
            (f"，另有 {lost:.0f} m² 没有高程", f" and {lost:.0f} m² without elevation") if lost else ("", "")
        )
        yield Finding(
            "error", WATERSHEDS, f"区内面积合计 {total:.0f} m²{bare_zh}，区域 {region:.0f} m²，相差 {apart:.0f} m²。",
            f"areas in the region add up to {total:.0f} m²{bare_en}, the region has {region:.0f} m²: {apart:.0f} m² apart.",
        )  # fmt: skip
    if lost:
        yield Finding(
            "warning", WATERSHEDS, f"区域内有 {lost:.0f} m² 没有高程，不属于任何小流域。",
            f"{lost:.0f} m² of the region have no elevation and lie in no small watershed.",
        )  # fmt: skip


def _limits(table: _Table) -> Iterator[Finding]:
    cells = np.rint(table["whole_area_m2"] / table.cell_area)
    low, high = (round(limit * 1e6 / table.cell_area) for limit in table.products.limits_km2)
    inside = (cells >= low) & (cells <= high)
    known = {zh for zh, _ in REASONS.values() if zh}
    for k, (said, reason) in enumerate(zip(table["within_limits"], table["reason"].tolist(), strict=True)):
        area = table["whole_area_m2"][k] / 1e6
        if bool(said) != bool(inside[k]):
            zh, en = ("在", "within") if inside[k] else ("不在", "outside")
            yield table.fault(
                k, f"{area:.4f} km² {zh}面积上下限之内，而 within_limits 说相反。",
                f"{area:.4f} km² are {en} the limits, and within_limits says the opposite.",
            )  # fmt: skip
        if not inside[k] and reason not in known:
            yield table.fault(
                k, f"{area:.4f} km² 超限而没有说明原因（现为“{reason}”）。",
                f"{area:.4f} km² are outside the limits without a known reason (it is '{reason}').",
            )  # fmt: skip
        if inside[k] and reason != REASONS[Reason.WITHIN][0]:
            yield table.fault(
                k, f"面积在限内，却有原因“{reason}”。", f"within the limits, but has a reason: '{reason}'."
            )


def _words(table: _Table) -> Iterator[Finding]:
    kinds = [zh for zh, _ in TYPE_NAMES.values()]
    names = list(zip(table["county"].tolist(), table["name"].tolist(), strict=True))
    count = Counter(names)
    for k, (county, name) in enumerate(names):
        if table["type"][k] not in kinds:
            yield table.fault(
                k, f"类型“{table['type'][k]}”应为 {'、'.join(kinds)} 之一。",
                f"the type '{table['type'][k]}' must be one of {', '.join(kinds)}.",
            )  # fmt: skip
        if not name:
            yield table.fault(k, "没有名称。", "has no name.")
        elif count[county, name] > 1:
            yield table.fault(k, f"名称“{name}”在 {county} 内不唯一。", f"the name '{name}' is not unique in {county}.")


def _parts(table: _Table) -> Iterator[Finding]:
    """Yield what is wrong with management units; all of one parent are told with it."""
    got = table.products.units.columns
    parents = got["parent_code"].tolist()
    members: dict[str, list[int]] = {}
    for k, parent in enumerate(parents):
        members.setdefault(parent, []).append(k)
        if parent not in table.row:
            yield _part_fault(got["code"][k], f"所属小流域“{parent}”不存在。", f"the parent '{parent}' does not exist.")
        if got["code"][k] != f"{parent}-{got['county'][k]}":
            yield _part_fault(
                got["code"][k],
                "代码应为“小流域代码-县代码”。",
                "the code must be that of the parent, '-', and of the county.",
            )
    for code, at in table.row.items():
        yield from _parts_of(table, at, members.get(code, []))


def _parts_of(table: _Table, at: int, parts: Sequence[int]) -> Iterator[Finding]:
    got, own, whole = table.products.units.columns, float(table["area_m2"][at]), float(table["whole_area_m2"][at])
    areas, shares = (np.array([float(got[name][k]) for k in parts]) for name in ("area_m2", "share"))
    if round(areas.sum()) != round(own):
        yield table.fault(
            at, f"各县部分合计 {areas.sum():.0f} m²，本身 {own:.0f} m²。",
            f"its parts by county add up to {areas.sum():.0f} m², it has {own:.0f} m².",
        )  # fmt: skip
    for k, area, share in zip(parts, areas, shares, strict=True):
        if abs(share - area / whole) > SHARE:
            yield _part_fault(
                got["code"][k], f"占比 {share:.9f}，按面积应为 {area / whole:.9f}。",
                f"the share is {share:.9f}, by area {area / whole:.9f}.",
            )  # fmt: skip
    if abs(shares.sum() - own / whole) > SHARE * max(len(parts), 1):
        yield table.fault(
            at, f"各县占比合计 {shares.sum():.9f}，应为 {own / whole:.9f}（区内部分）。",
            f"the shares of its parts add up to {shares.sum():.9f}, not {own / whole:.9f} (what lies in the region).",
        )  # fmt: skip
    main = [str(got["county"][k]) for k in parts if got["main"][k]]
    if main != [str(table["county"][at])]:
        yield table.fault(
            at, f"主县为 {table['county'][at]}，而管理单元标为 {'、'.join(main) or '无'}。",
            f"its main county is {table['county'][at]}, its parts say {', '.join(main) or 'none'}.",
        )  # fmt: skip


def _part_fault(code: Any, zh: str, en: str) -> Finding:
    return Finding("error", f"{UNITS} {code}", zh, en)


def _channels(table: _Table) -> Iterator[Finding]:
    got = table.products.channels.columns
    number, down = got["number"].astype(np.int64), got["down"].astype(np.int64)
    row = {int(n): k for k, n in enumerate(number)}
    below = np.array([row.get(int(n), -1) for n in down], dtype=np.int64)
    for k in np.flatnonzero((below < 0) & (down > 0)):
        yield Finding(
            "error",
            f"{CHANNELS} {number[k]}",
            f"下游河段 {down[k]} 不存在。",
            f"drains into {down[k]}, which does not exist.",
        )
    for ring in cycles(below):
        names = " → ".join(str(number[k]) for k in [*ring, ring[0]])
        yield Finding(
            "error", f"{CHANNELS} {number[ring[0]]}", f"河段成环：{names}。", f"channels in a circle: {names}."
        )
    for k in np.flatnonzero((below >= 0) & (got["area_m2"] > got["area_m2"][below])):
        yield Finding(
            "error", f"{CHANNELS} {number[k]}", f"汇水面积大于下游河段 {down[k]}。",
            f"has a greater contributing area than {down[k]}, into which it drains.",
        )  # fmt: skip
