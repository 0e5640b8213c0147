"""The tables of the aggregation benchmark, made from its figures, never by hand (由实测结果排表)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- aggregation:begin -->", "<!-- aggregation:end -->"
NAMES = {
    "shuibao": "shuibao，2 线程",
    "shuibao-1": "shuibao，1 线程",
    "filtered": "转矢量、先筛面积、再化简",
    "simple": "只转矢量、化简、筛面积",
    "usual": "转矢量、缓冲合并、化简",
}
ROWS = {
    "total": ("用时 s", "{:.2f}"),
    "cpu": ("处理器时间 s", "{:.2f}"),
    "peak_mb": ("内存峰值 MB", "{:.0f}"),
    "areas": ("图斑数", "{:.0f}"),
    "area_hm2": ("面积 hm²", "{:.2f}"),
    "overlap_m2": ("相互重叠 m²", "{:.2f}"),
    "invalid": ("几何无效的图斑", "{:.0f}"),
    "unshared_edges_m": ("相接而不共边的边长 m", "{:.1f}"),
    "below_minimum": ("小于最小面积的图斑", "{:.0f}"),
    "points": ("折点", "{:.0f}"),
}


def section(runs: list[dict[str, Any]]) -> str:
    """Return the tables of the latest run of each size and choice of chains."""
    sizes = {(run["size"], len(run["chains"]), *run["chains"]): run for run in runs if "chains" in run}
    tiled = {run["bounded"]["size"]: run for run in runs if "bounded" in run and "total" in run["bounded"]}
    parts = [_beside(run) for _, run in sorted(sizes.items())]
    if tiled:
        parts.append(_bounded([run for _, run in sorted(tiled.items())]))
    return "\n".join(parts)


def _beside(run: dict[str, Any]) -> str:
    """Return the table of one size."""
    chains = {name: found for name, found in run["chains"].items() if "total" in found}
    lines = [
        f"### 图斑聚合，{run['size']} × {run['size']}（{run['cells'] / 1e6:.0f} 百万像元，原始图斑 {run['patches']} 个）",
        "",
        "| | " + " | ".join(NAMES[name] for name in chains) + " |",
        "|---" * (len(chains) + 1) + "|",
    ]
    for key, (label, form) in ROWS.items():
        lines.append(f"| {label} | " + " | ".join(form.format(found[key]) for found in chains.values()) + " |")
    steps = "；".join(
        f"{NAMES[name]}：" + "，".join(f"{step} {seconds:.1f}" for step, seconds in found["seconds"].items())
        for name, found in chains.items()
    )
    lines += ["", f"各步 s：{steps}。"]
    for name in ("filtered", "simple", "usual"):
        if f"{name}_over_shuibao" in run:
            than = run[f"{name}_over_shuibao"]
            lines.append(
                f"\n“{NAMES[name]}”与 shuibao 之比：用时 {than['seconds']:.1f}（1 线程 {than['seconds_1_thread']:.1f}），"
                f"处理器时间 {than['cpu']:.1f}，"
                f"内存 {than['memory']:.1f}；所画范围的交并比 {than['overlap_of_union']:.4f}，"
                f"交集中同类 {than['same_class']:.4f}。"
            )
        elif "problem" in run["chains"].get(name, {}):
            least = run.get(f"{name}_over_shuibao_at_least", {}).get("cpu")
            more = f"；处理器时间之比大于 {least:.0f}" if least else ""
            lines.append(f"\n“{NAMES[name]}”：{run['chains'][name]['problem']}{more}。")
    if any(than.get("threads_agree") for key, than in run.items() if key.endswith("_over_shuibao")):
        lines.append("\nshuibao 1 线程与 2 线程画出的相同。")
    lines += ["", f"机器：{run['machine']}；同时在跑：{run['beside'] or '未记'}。", ""]
    return "\n".join(lines)


def _bounded(runs: list[dict[str, Any]]) -> str:
    """Return the table of the tiled runs."""
    lines = [
        "### 图斑聚合，分幅、有限内存",
        "",
        "| 边长 | 像元（百万） | 用时 s | 处理器 s | ns/像元 | 峰值 MB | 留存 MB | 暂存 MB"
        " | 图斑 | 所含原始图斑 | 面积 hm² | 各步 s | 同时 |",
        "|---" * 13 + "|",
    ]
    for run in runs:
        found = run["bounded"]
        steps = "，".join(f"{step} {seconds:.1f}" for step, seconds in found["seconds"].items())
        lines.append(
            f"| {found['size']} | {found['size'] ** 2 / 1e6:.0f} | {found['total']:.1f} | {found['cpu']:.1f} | {found['ns_per_cell']:.0f}"
            f" | {found['peak_mb']} | {found['held_mb']:.0f} | {found.get('aside_mb', 0):.0f} | {found['areas']} | {found['patches']}"
            f" | {found['area_hm2']:.2f} | {steps} | {run['beside'] or '未记'} |"
        )
    return "\n".join(lines) + "\n"


def summary_lines(run: dict[str, Any], cell: float) -> list[str]:
    """Return what is printed of a run."""
    if "bounded" in run:
        return [f"{name:16} {value}" for name, value in run["bounded"].items()]
    lines = [f"{run['size']} x {run['size']} cells of {cell:g} m, {run['patches']} raw patches"]
    for name, found in run["chains"].items():
        lines.append(f"{name:10} " + ", ".join(f"{key} {value}" for key, value in found.items()))
    return [*lines, *(f"{key} {values}" for key, values in run.items() if "_over_shuibao" in key)]


def write_section(path: Path, text: str) -> None:
    """Put the text between the marks of a Markdown file."""
    whole = path.read_text(encoding="utf-8")
    head, rest = whole.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    path.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")
