"""
The tables of docs/directions.md, made from the data: ``python -m tests.validation.eno_tables``.

They are compared, and with ``--write`` put into the page, as those of docs/validation.md are.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.validation import eno
from tests.validation.tables import markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "directions.md"


def all_tables(data: Path) -> dict[str, str]:
    """Return the tables of the page by name."""
    land = eno.Eno(data)
    area, over, filled = eno.areas(land), eno.whole(land), eno.filling(land)
    fall, flat, slope, balance = eno.falling(land), eno.crossing(land), eno.slopes(land), eno.balances(land)
    counts = [
        ["填洼后高程", *_compared(filled["像元"], filled["高程不同"])],
        ["D8，有下坡，逐行宽高", *_compared(fall["像元"], fall["像元"] - fall["逐行宽高：相同"])],
        ["D8，有下坡，全图一个宽高", *_compared(fall["像元"], fall["全图一个宽高：不同"])],
        ["D8，平地", *_compared(flat["像元"], flat["像元"] - flat["相同"])],
        ["D∞ 坡降为 0 与否", *_compared(fall["像元"] + flat["像元"], int(slope.pop("坡降一为 0 而另一不为 0 的像元")))],
        ["D∞ 汇水，边缘污染（上方无平地）", *_compared(area.cells, area.missing_in_one)],
        [
            "D∞ 汇水，逐像元收支",
            *_compared(balance["相同"] + balance["单精度下两面同样陡"], balance["单精度下两面同样陡"]),
        ],
    ]
    return {
        "taudem": markdown(["比较", "像元", "不同", "相同 %"], counts),
        "taudem_falls": markdown(["有下坡处的 D8", "像元"], [[k, v] for k, v in fall.items()]),
        "taudem_flats": markdown(["平地上的 D8", "像元"], [[k, v] for k, v in flat.items()]),
        "taudem_slopes": markdown(["坡降", "最大相对差"], [[k, f"{v:.1e}"] for k, v in slope.items()]),
        "taudem_balance": markdown(["D∞ 汇水，逐像元收支", "像元"], [[k, v] for k, v in balance.items()]),
        "taudem_area": markdown(
            ["D∞ 汇水面积", "数"],
            [
                ["上方无平地的像元", area.cells],
                ["其中两方都因边缘污染而缺失", area.missing],
                ["其余，相对差不超过百万分之二", area.within_millionths],
                ["其余，最大相对差", f"{area.most:.4f}"],
                ["全图，两方都有值的像元", over["两方都有值"]],
                ["全图，只有一方有值的像元", over["只有一方有值"]],
                *[[f"全图，相对差小于{k}，%", f"{100 * over[k]:.2f}"] for k in ("十万分之一", "百分之一", "十分之一")],
            ],
        ),
    }


def _compared(cells: int, apart: int) -> tuple[int, int, str]:
    """Return cells, those that differ, and the share that agrees, per cent."""
    return cells, apart, f"{100 * (cells - apart) / cells:.2f}"


def main() -> None:
    """Print the tables, or with --write put them into the page."""
    tables = all_tables(Path(__file__).resolve().parents[3] / "shared" / "data")
    if "--write" in sys.argv:
        text = PAGE.read_text(encoding="utf-8")
        for name, table in tables.items():
            marks = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            text = marks.sub(lambda match, new=table: f"{match[1]}\n{new}\n\n{match[2]}", text)  # type: ignore[misc]
        PAGE.write_text(text, encoding="utf-8")
        return
    for name, table in tables.items():
        sys.stdout.write(f"## {name}\n\n{table}\n\n")


if __name__ == "__main__":
    main()
