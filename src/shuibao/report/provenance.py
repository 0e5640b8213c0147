"""Where the results come from: inputs with their checksums, rules, software, grid, steps (出处)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from shuibao.report.bilingual import Text, Wording, html
from shuibao.report.bulletin import Bulletin
from shuibao.report.caveats import INPUT_NAMES
from shuibao.report.parameter_words import settings_words
from shuibao.survey.run import STEPS


def input_files(bulletin: Bulletin) -> list[tuple[str, str]]:
    """
    Return the files that were read with their SHA-256, by name (输入文件校验和).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    found: dict[str, str] = {}
    for record in bulletin.records.values():
        found |= record["depends"].get("files", {})
    return sorted((shown_name(name), digest) for name, digest in found.items())


def shown_name(name: str) -> str:
    """
    Return a file's name as a report shows it: no path from a machine (文件显示名).

    Examples
    --------
    >>> shown_name("inputs/dem.tif"), shown_name("/home/someone/dem.tif")
    ('inputs/dem.tif', 'dem.tif')
    """
    path = PurePosixPath(name)
    return path.name if path.is_absolute() else name


def statements(bulletin: Bulletin) -> list[tuple[Text, Wording]]:
    """
    Return what the results rest on, name by name (出处条目).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    region, land = bulletin.region, bulletin.records["land"]
    grid = bulletin.records["boundaries"].get("summary", {}).get("grid", [])
    extent = f"{grid[3]} × {grid[4]}" if len(grid) >= 5 else "—"
    crs = bulletin.counties.crs
    system = Text(crs.name, crs.name) if crs else Text("—", "—")
    if system.en == "unknown":
        system = Text("自定投影", "a projection of its own")
    return [
        (Text("软件", "Software"), str(land["software"])),
        (Text("规则包", "Rule packs"), _packs(bulletin)),
        (Text("规则摘要 sha256", "Digest of the rules, sha256"), str(land["depends"]["rules"])),
        (
            Text("目标包", "Target pack"),
            f"{bulletin.targets.id} · {bulletin.targets.source}" if bulletin.targets else "—",
        ),
        (Text("边界", "Boundaries"), str(bulletin.records["boundaries"].get("summary", {}).get("source", "—"))),
        (Text("侵蚀类型区", "Erosion region"), _erosion_region(bulletin)),
        (
            Text("格网", "Grid"),
            Text(f"{system.zh}，{region.cell:g} m，{extent}", f"{system.en}, {region.cell:g} m, {extent}"),
        ),
        (Text("像元数", "Cells"), f"{int(land['summary']['cells']):,}"),
    ]


def _packs(bulletin: Bulletin) -> Text:
    """Return the rule packs that region.toml names, with their titles."""
    named = [Path(name).name if name.endswith(".toml") else name for name in bulletin.region.rules]
    packs = [pack for pack in bulletin.rules.packs if pack.id in named or pack.where in named]
    return Text(
        "、".join(f"{pack.title}（{pack.id}）" for pack in packs), ", ".join(f"{p.title_en} ({p.id})" for p in packs)
    )


def _erosion_region(bulletin: Bulletin) -> Text:
    """Return the region of tolerable soil loss by its name."""
    code = bulletin.region.erosion_region
    entry = bulletin.rules.table("tolerable_loss").get(code)
    return Text(entry.name, entry.name_en) if entry and entry.name else Text(code, code)


def provenance_html(bulletin: Bulletin) -> str:
    """
    Return where the results come from (出处 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    facts = "".join(
        f"<dt>{html(name)}</dt><dd{' class=code' if isinstance(text, str) and len(text) > 60 else ''}>{html(text)}</dd>"
        for name, text in statements(bulletin)
    )
    settings = "".join(
        f'<tr><th scope="row">{html(INPUT_NAMES.get(name, name))}</th><td>{html(settings_text(given))}</td></tr>'
        for name, given in bulletin.region.inputs.items()
    )
    files = "".join(
        f"<tr><td>{escape(name)}</td><td class=code>{escape(digest)}</td></tr>"
        for name, digest in input_files(bulletin)
    )
    steps = "".join(
        f'<tr><th scope="row">{html(Text(*STEPS[step]))}</th><td>{escape(", ".join(sorted(record["outputs"])))}</td>'
        f'<td class="code">{escape(str(record["fingerprint"])[:16])}</td></tr>'
        for step, record in bulletin.records.items()
    )
    return (
        f"<dl>{facts}</dl>"
        f"{_table(Text('输入设置', 'Inputs as set'), (Text('输入', 'Input'), Text('设置', 'Settings')), settings)}"
        f"{_table(Text('输入文件', 'Input files'), (Text('文件', 'File'), Text('sha256', 'sha256')), files)}"
        f"{_table(Text('步骤', 'Steps'), (Text('步骤', 'Step'), Text('成果', 'Products'), Text('指纹', 'Fingerprint')), steps)}"
    )


def settings_text(given: Mapping[str, Any]) -> Text:
    """
    Return what region.toml says of an input, in one line (输入设置文本).

    Examples
    --------
    >>> settings_text({"path": "/data/dem.tif", "unit": "m"})
    Text(zh='文件 dem.tif；单位 m', en='path = dem.tif; unit = m')
    """
    return settings_words((key, _value(key, value)) for key, value in given.items())


def _value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
    return shown_name(value) if isinstance(value, str) and value.startswith("/") else str(value)


def _table(title: Text, heads: tuple[Text, ...], body: str) -> str:
    head = "".join(f'<th scope="col">{html(h)}</th>' for h in heads)
    return (
        f'<figure class="table"><figcaption>{html(title)}</figcaption><div class="scroll"><table class="plain">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></figure>"
    )
