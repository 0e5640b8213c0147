"""The concept page lists what the packs hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuibao.messages import ShuibaoError
from shuibao.rules.reference import BEGIN, END, main, renew, shown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_the_page_is_as_the_packs_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renew(page) == page, "run: python -m shuibao.rules.reference docs/rules.md"


def test_renewing_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nstale part\n{END}\nafter\n", encoding="utf-8")
    assert main([str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "steep_slope.angle" in text
    assert "stale part" not in text


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="reference"):
        renew("nothing")


@pytest.mark.parametrize("value, text", [(0.000210, "0.00021"), (21.9, "21.9"), (False, "否"), ({"a": 1}, "a 1")])
def test_a_value_is_shown_as_it_is_written(value: object, text: str) -> None:
    assert shown(value) == text
