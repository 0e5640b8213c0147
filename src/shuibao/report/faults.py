"""The list of faults of a result package as one web page (验收问题清单网页)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from shuibao import __version__
from shuibao.delimitation.acceptance.fault import SEVERITIES, Fault, Report, Severity
from shuibao.ground.files import renamed
from shuibao.report.bilingual import Text, html, number
from shuibao.report.fault_maps import Mapper, overview
from shuibao.report.page_frame import BADGE, framed
from shuibao.report.tables import Column, Table, table_html

SEVERITY_NAMES: dict[Severity, Text] = {
    "error": Text("错误", "Errors"), "warning": Text("警告", "Warnings"), "note": Text("说明", "Notes"),
}  # fmt: skip


def write_fault_page(path: Path, report: Report, limit: int = 10) -> None:
    """
    Write the list of faults as a page that needs nothing beside it (写出问题清单).

    Parameters
    ----------
    path : Path
        The page to write, whole or not at all.
    report : Report
        What acceptance came to.
    limit : int
        Faults of each kind that are shown with a map.
    """
    with renamed(path) as temporary:
        temporary.write_text(fault_page(report, limit), encoding="utf-8")


def fault_page(report: Report, limit: int = 10) -> str:
    """
    Return the list of faults as HTML: a summary, a map of all, and each fault with its map (问题清单 HTML).

    Parameters
    ----------
    report : Report
        What acceptance came to.
    limit : int
        Faults of each kind that are shown.
    """
    body = f"{_notices(report)}\n{_overview(report)}\n{_sections(report, limit)}"
    mark = Text("重点区域成果验收", "Acceptance of key zones")
    parts = (_heading(report), _cards(report), body, f"<p>shuibao {__version__}</p>")
    return framed(f"{report.package} 成果验收", mark, *parts, simulated=report.simulated, style="faults.css")


def _heading(report: Report) -> str:
    verdict = Text("通过", "Accepted") if report.accepted else Text("退回", "Sent back")
    tags = f'<span class="tag {"accepted" if report.accepted else "refused"}">{html(verdict)}</span>'
    if report.simulated:
        tags += f'<span class="tag simulated">{html(BADGE)}</span>'
    title = Text("成果验收问题清单", "List of faults")
    return f'<h1>{escape(report.package)}<small>{html(title)}</small></h1><p class="tags">{tags}</p>'


def _cards(report: Report) -> str:
    checked = Text(
        f"{len(report.layers)} 个图层、{len(report.files)} 个文件",
        f"{len(report.layers)} layers, {len(report.files)} files",
    )
    out = [
        f'<div class="card main"><h3>{html(Text("查过的区域", "Zones checked"))}</h3>'
        f'<p class="value">{number(report.zones, 0)}</p><p>{html(checked)}</p></div>'
    ]
    below = {
        "error": Text("须改正后重新提交", "To be mended before it is handed in again"),
        "warning": Text("须核实", "To be looked at"),
        "note": Text("供参考", "For information"),
    }
    for severity in SEVERITIES:
        count = report.count(severity)
        kind = severity if count else ""
        out.append(
            f'<div class="card"><h3>{html(SEVERITY_NAMES[severity])}</h3><p class="value {kind}">{number(count, 0)}</p>'
            f"<p>{html(below[severity])}</p></div>"
        )
    return "".join(out)


def _notices(report: Report) -> str:
    out = ""
    if report.simulated:
        words = Text(
            "本成果由模拟数据得出，不反映当地实况。",
            "This result is made from simulated data; the land is not the real one.",
        )
        out += f'<div class="notice simulated"><strong>{html(BADGE)}</strong><p>{html(words)}</p></div>'
    words = Text(
        "验收规范没有读到：限差、轻重与字段表由本软件选定（草案），见规则包 zone-acceptance 与 zone-package。",
        "No rules of acceptance could be read: tolerances, severities and fields are this software's choice (draft), in the rule "
        "packs zone-acceptance and zone-package.",
    )
    return out + f'<div class="notice draft"><strong>{html(Text("草案", "Draft"))}</strong><p>{html(words)}</p></div>'


def _grouped(report: Report) -> list[tuple[str, list[Fault]]]:
    return [(kind, list(group)) for kind, group in groupby(report.faults, key=lambda fault: fault.kind.id)]


def _overview(report: Report) -> str:
    """Return the summary beside the map of all faults; a line where there are none."""
    if not report.faults:
        words = Text("没有发现问题。", "No fault was found.")
        return f'<p class="summary">{html(words)}</p>'
    heads = (Text("轻重", "Severity"), Text("问题", "Fault"), Text("代号", "Name"))
    columns = [*(Column(head) for head in heads), Column(Text("处", "Places"), "count")]
    rows = [
        (SEVERITY_NAMES[group[0].kind.severity], Text(*group[0].kind.name), kind, len(group))
        for kind, group in _grouped(report)
    ]
    label = BADGE if report.simulated else ""
    table = table_html(Table("summary", Text("问题汇总", "Summary"), columns, rows), label)
    layer = next(
        (fault.layer for fault in report.faults if fault.layer in report.layers and fault.lon is not None), None
    )
    drawing = "" if layer is None else overview(layer, list(report.faults))
    if not drawing or layer is None:
        return f'<div class="overview">{table}</div>'
    title = Text(f"问题分布：{layer.where}", f"Where the faults lie: {layer.where}")
    tag = f' <span class="tag simulated">{html(BADGE)}</span>' if report.simulated else ""
    return (
        f'<div class="overview">{table}<figure class="map-card"><figcaption>{html(title)}{tag}</figcaption>'
        f"{drawing}</figure></div>"
    )


def _sections(report: Report, limit: int) -> str:
    mapper = Mapper()
    out = []
    for kind, group in _grouped(report):
        shown = "".join(_fault(fault, mapper) for fault in group[:limit])
        more = ""
        if len(group) > limit:
            words = Text(
                f"另有 {len(group) - limit} 处未列；用 --limit 或 --format csv 取全部。",
                f"{len(group) - limit} more are not shown; --limit or --format csv gives all.",
            )
            more = f'<p class="note">{html(words)}</p>'
        out.append(
            f'<section id="{escape(kind)}"><h2>{html(Text(*group[0].kind.name))}<span class="count">{len(group)}</span></h2>'
            f'<p class="mend"><span class="tag {group[0].kind.severity}">{html(SEVERITY_NAMES[group[0].kind.severity])}</span> '
            f'{html(Text(*group[0].kind.mend))}</p><div class="faults {group[0].kind.severity}-list">{shown}</div>{more}</section>'
        )
    return "".join(out)


def _fault(fault: Fault, mapper: Mapper) -> str:
    """Return one fault with its map."""
    drawing = mapper.draw(fault) or '<div class="nowhere"></div>'
    title = fault.code or fault.where or Text("成果包", "The package")
    lines: Sequence[tuple[str, Text | str]] = [("found", Text(*fault.found))]
    if fault.allowed[0]:
        lines = [*lines, ("", Text(f"允许：{fault.allowed[0]}", f"Allowed: {fault.allowed[1]}"))]
    place = "" if fault.lon is None else f"{fault.lon:.6f}°E {fault.lat:.6f}°N"
    if where := " · ".join(text for text in (fault.where if fault.code else "", place) if text):
        lines = [*lines, ("where", where)]
    words = "".join(f'<p class="{name}">{html(text)}</p>' if name else f"<p>{html(text)}</p>" for name, text in lines)
    return f'<article class="fault">{drawing}<div class="words"><h4>{html(title)}</h4>{words}</div></article>'
