"""
The reference part of the concept page, written from the packs themselves (规则总表).

``python -m shuibao.rules.reference docs/rules.md`` renews the part of the page between its two markers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from shuibao.messages import ShuibaoError
from shuibao.rules.catalogue import list_packs
from shuibao.rules.citation import BASES
from shuibao.rules.pack import Entry, Pack, read_pack
from shuibao.rules.targets import load_targets, target_ids

BEGIN = "<!-- reference: begin -->"
END = "<!-- reference: end -->"
STATUS_NAMES = {"verified": "已读", "draft": "草案"}
LONGEST = 60


def reference() -> str:
    """Return the tables of all packs, their values and targets, in Markdown (规则总表)."""
    return "\n".join([*_packs(), *_values(), *_targets()])


def renew(page: str) -> str:
    """
    Return a page with the part between its markers written anew (更新总表).

    Raises
    ------
    ShuibaoError
        The page lacks one of the markers.
    """
    if BEGIN not in page or END not in page:
        zh, en = f"页面缺少标记 {BEGIN} 或 {END}。请补上。", f"the page lacks {BEGIN} or {END}. Add them."
        raise ShuibaoError(zh, en)
    return f"{page.partition(BEGIN)[0]}{BEGIN}\n\n{reference()}\n\n{END}{page.partition(END)[2]}"


def shown(value: Any) -> str:
    """
    Return a value as a cell of a table: short ones whole, long ones by their size (显示值).

    Examples
    --------
    >>> shown([2, 5, 6]), shown([{"code": 1}, {"code": 2}]), shown(True), shown({"kinds": [], "text": "应当"})
    ('2, 5, 6', '2 项', '是', '应当')
    """
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        if "text" in value:  # a duty
            return str(value["text"])
        text = ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    elif value == []:
        text = "无"
    elif isinstance(value, list) and value:
        text = f"{len(value)} 项" if isinstance(value[0], dict) else ", ".join(shown(item) for item in value)
    else:
        text = f"{value:g}" if isinstance(value, float) and abs(value) < 1 else str(value)
    return text if len(text) <= LONGEST else f"{len(value)} 项"


def _packs() -> Iterator[str]:
    yield from ("### 规则包", "", "| 包 | 名称 | 标准号 | 值 | 已读 | 草案 |", "|---|---|---|---:|---:|---:|")
    for line in list_packs():
        counts = f"{line.values} | {line.verified} | {line.draft}"
        yield f"| `{line.id}` | {line.title} | {line.number} | {counts} |"
    yield ""


def _values() -> Iterator[str]:
    for line in list_packs():
        if line.kind == "targets" or line.values == 0:
            continue
        pack = read_pack(line.id)
        yield from (f"### {pack.title}（`{pack.id}`） {{ #pack-{pack.id} }}", "")
        yield from ("| 键 | 名称 | 值 | 单位 | 状态 | 取得 | 可信度 | 来源 |", "|---|---|---|---|---|---|---|---|")
        yield from (_row(entry, pack) for entry in pack.entries)
        yield ""


def _row(entry: Entry, pack: Pack) -> str:
    words = entry.words
    unit = "—" if words["unit"] == "1" else words["unit"]
    source = _title(words["source"], pack)
    ground = f"{STATUS_NAMES[words['status']]} | {BASES[words['basis']][0]} | {words['confidence']}"
    return f"| `{entry.key}` | {words['name']} | {shown(words['value'])} | {unit} | {ground} | {source} |"


def _title(key: str, pack: Pack) -> str:
    sources = {**read_pack("documents").sources, **pack.sources}
    return str(sources[key])


def _targets() -> Iterator[str]:
    for targets in (load_targets(name) for name in target_ids()):
        years = targets.years()
        yield from (f"### {targets.title}（`{targets.id}`） {{ #targets-{targets.id} }}", "")
        yield from (f"{targets.source}；{targets.clause}。", "")
        yield f"| 代码 | 区域 | {' | '.join(f'{year} 年，%' for year in years)} |"
        yield f"|---|---|{'---:|' * len(years)}"
        for entry in targets.entries:
            yield f"| {entry.code} | {entry.name} | {' | '.join(f'{entry.percent[year]:.2f}' for year in years)} |"
        totals = " | ".join(f"**{targets.totals[year]:.2f}**" for year in years)
        yield from (f"| {targets.code} | **{targets.name}** | {totals} |", "")


def main(arguments: Sequence[str]) -> int:
    """Renew the pages that are named (更新页面)."""
    for name in arguments:
        page = Path(name)
        page.write_text(renew(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
