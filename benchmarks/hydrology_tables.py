"""The tables of the hydrology benchmark, made from its figures, never by hand (由实测结果排表)."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydrology_peers import OURS, PEERS

BEGIN, END = "<!-- hydrology:begin -->", "<!-- hydrology:end -->"

ROWS = {
    "fill": "填洼",
    "direction": "流向（含平地）",
    "fill_direction": "填洼 + 流向",
    "accumulation": "汇流累积（含排序）",
    "sorted_accumulation": "汇流累积（已排序）",
    "basins": "10 km² 子流域",
    "to_accumulation": "高程 → 汇流累积",
    "chain": "高程 → 子流域",
}

JOINT = {"topotoolbox": ("direction",), "whitebox": ("graded", "direction"), "pyflwdir": ("fill",), "saga": ("fill",)}
"""What takes a tool from elevation to directions, where it is not ``fill`` and ``direction``."""

SORTS_APART = ("shuibao", "topotoolbox", "pyflwdir")
"""Tools that put the cells in order once, before anything is summed along them."""

Seconds = Mapping[str, list[float]]


def figures(tool: str, seconds: Seconds) -> dict[str, float]:
    """
    Return a tool's seconds for each row it has: medians, and sums where tools cut the work differently.

    What a tool does as one (topotoolbox fills as it routes; whitebox grades flats as it fills) is counted whole in the
    joint rows; its ``direction`` is what that takes beyond filling alone.
    """
    took = {name: statistics.median(values) for name, values in seconds.items()}
    if tool == "grass":
        return {"chain": took["whole"]} if "whole" in took else {}
    rows = {name: took[name] for name in ("fill", "basins") if name in took}
    if "accumulation" in took:
        if tool in SORTS_APART:
            rows["sorted_accumulation"] = took["accumulation"]
        if tool != "topotoolbox":
            rows["accumulation"] = took.get("order", 0.0) + took["accumulation"]
    steps = JOINT.get(tool, ("fill", "direction"))
    if all(name in took for name in steps):
        so_far = sum(took[name] for name in steps)
        if tool != "saga":
            rows["fill_direction"] = so_far
        if tool not in ("saga", "pyflwdir") and "fill" in took:
            rows["direction"] = max(0.0, so_far - took["fill"])
        if "accumulation" in took:
            rows["to_accumulation"] = so_far + took.get("order", 0.0) + took["accumulation"]
            if "basins" in took:
                rows["chain"] = rows["to_accumulation"] + took["basins"]
    return rows


def ratios(run: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return peer / shuibao for each row and peer: above 1, ours is faster; and for memory."""
    own = figures(OURS.name, run["tools"][OURS.name].get("seconds", {}))
    out: dict[str, dict[str, float]] = {}
    for name, found in run["tools"].items():
        if name == OURS.name or "seconds" not in found:
            continue
        for row, value in figures(name, found["seconds"]).items():
            if own.get(row):
                out.setdefault(row, {})[name] = round(value / own[row], 2)
        if run["tools"][OURS.name].get("peak_bytes"):
            memory = found["peak_bytes"] / run["tools"][OURS.name]["peak_bytes"]
            out.setdefault("memory", {})[name] = round(memory, 2)
    return out


def winners(run: Mapping[str, Any]) -> dict[str, str]:
    """Return who is fastest in each row, and who takes least memory."""
    best = {}
    for row, found in ratios(run).items():
        name = min(found, key=lambda peer: found[peer])
        best[row] = name if found[name] < 1 else OURS.name
    return best


def _cell(value: float | None, *, best: bool, decimals: int = 2) -> str:
    if value is None:
        return "—"
    text = f"{value:.{decimals}f}"
    return f"**{text}**" if best else text


def table(run: Mapping[str, Any]) -> str:
    """Return one size's table in Markdown: seconds a row, and what the best peer takes over ours."""
    tools = run["tools"]
    names = [name for name in (OURS.name, *PEERS) if "seconds" in tools.get(name, {})]
    took = {name: figures(name, tools[name]["seconds"]) for name in names}
    over = ratios(run)
    lines = [
        "| 用时 s | " + " | ".join(names) + " | 最快的同行 ÷ shuibao |",
        "|---" * (len(names) + 2) + "|",
    ]
    for row, title in ROWS.items():
        values = {name: took[name][row] for name in names if row in took[name]}
        if values:
            least = min(values.values())
            cells = [_cell(values.get(name), best=values.get(name) == least) for name in names]
            lines.append(f"| {title} | " + " | ".join(cells) + f" | {_best(over.get(row, {}))} |")
    passes = [str(max(len(values) for values in tools[name]["seconds"].values())) for name in names]
    lines.append("| 遍数（取中位数） | " + " | ".join(passes) + " | |")
    cells_ = run["size"] ** 2
    peak = {name: tools[name]["peak_bytes"] for name in names}
    for title, unit, decimals in (("内存峰值 MB", 1e6, 0), ("内存峰值 字节/像元", cells_, 1)):
        cells = [_cell(peak[n] / unit, best=peak[n] == min(peak.values()), decimals=decimals) for n in names]
        lines.append(f"| {title} | " + " | ".join(cells) + f" | {_best(over.get('memory', {}))} |")
    return "\n".join(lines)


def _best(found: Mapping[str, float]) -> str:
    if not found:
        return "—"
    name = min(found, key=lambda peer: found[peer])
    return f"{found[name]:.2f}（{name}）"


CHECKS = {
    "lowered": ("低于地面的像元", "{:.0f}"),
    "not_filled": ("填洼后缺失的像元", "{:.0f}"),
    "surface_same": ("填洼面与 shuibao 相同", "{:.1%}"),
    "surface_apart_m": ("最大相差 m", "{:.3g}"),
    "leaves": ("水流出陆地的份额", "{:.4%}"),
    "ends_inside": ("水止于内部的像元", "{:.0f}"),
    "area_same": ("汇流累积与 shuibao 相同", "{:.1%}"),
    "units": ("子流域数", "{:.0f}"),
    "labelled": ("子流域覆盖", "{:.1%}"),
}


def check_table(run: Mapping[str, Any]) -> str:
    """Return what the laws found of each tool."""
    tools = run["tools"]
    names = [name for name in (OURS.name, *PEERS) if tools.get(name, {}).get("checks")]
    lines = ["| 检查 | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for key, (title, form) in CHECKS.items():
        values = [tools[name]["checks"].get(key) for name in names]
        if any(value is not None for value in values):
            lines.append(f"| {title} | " + " | ".join("—" if v is None else form.format(v) for v in values) + " |")
    return "\n".join(lines)


def absent(run: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each tool without figures, and for each that ended before all was checked."""
    said = []
    for name, found in run["tools"].items():
        reason = found.get("skipped") or found.get("error")
        if reason:
            said.append(f"{name}：{'已测，但未查完，' if 'seconds' in found else ''}{reason}")
    return said


def section(runs: list[Mapping[str, Any]]) -> str:
    """Return the hydrology part of RESULTS.md from the latest run of each size."""
    latest = {run["size"]: run for run in runs if "size" in run}
    parts = []
    for size in sorted(latest):
        run = latest[size]
        head = f"### {size} × {size}（{size * size / 1e6:.1f} 百万像元，其中有效 {run['valid_share']:.0%}）"
        parts += [head, "", table(run), "", check_table(run), ""]
        parts += [f"- 缺：{said}" for said in absent(run)] + [""] * bool(absent(run))
    if latest:
        newest = latest[max(latest)]
        known = {n: f["version"] for run in latest.values() for n, f in run["tools"].items() if f.get("version")}
        versions = "；".join(f"{name} {version}" for name, version in known.items())
        parts += [f"版本：{versions}。机器：{newest['machine']}。", ""]
    tiled = [run["bounded"] for run in runs if "bounded" in run]
    if tiled:
        parts += ["### 分幅、有限内存", "", bounded_table(tiled)]
    return "\n".join(parts).strip() + "\n"


def bounded_table(tiled: list[Mapping[str, Any]]) -> str:
    """Return time, memory and cost per cell of the tiled chain against size; runs that were killed stand apart."""
    latest = {(run["size"], bool(run["interrupted_after"])): run for run in tiled}
    lines = [
        "| 边长 | 像元（百万） | 用时 s | ns/像元 | 内存峰值 MB | 小流域 | 超限 | 陆地 km² | 各步 s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (size, killed), run in sorted(latest.items()):
        steps = "，".join(f"{name} {seconds:.0f}" for name, seconds in run["steps"].items() if seconds >= 0.5)
        beyond = sum(count for count, _ in run["outside_limits"].values())
        note = f"（第 {run['interrupted_after']:.0f} 秒杀掉，续跑）" if killed else ""
        lines.append(
            f"| {size}{note} | {run['cells'] / 1e6:.0f} | {run['seconds']:.0f} | {run['ns_per_cell']:.0f} "
            f"| {run['peak_mb']} | {run['watersheds']} | {beyond} | {run['land_km2']:.4f} | {steps} |"
        )
    return "\n".join(lines)


def write_section(path: Path, text: str) -> None:
    """Put the text between the marks of a Markdown file."""
    whole = path.read_text(encoding="utf-8")
    head, rest = whole.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    path.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")
