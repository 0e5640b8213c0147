"""Laws of the glossary (docs/glossary.md)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path

import shuibao

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def glossary() -> list[list[str]]:
    """Return the rows of all tables: identifier, Chinese, unit, definition."""
    rows = [line.strip().strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if "| `" in line[:4]]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_row_of_the_glossary_has_identifier_chinese_unit_and_definition() -> None:
    rows = glossary()
    assert len(rows) > 50
    for row in rows:
        assert len(row) == 4, row
        assert re.fullmatch(r"`[a-z][a-z0-9_]*`", row[0]), row
        assert CHINESE.search(row[1]), row
        assert row[2], row


def test_a_term_has_one_row_and_one_chinese_name() -> None:
    for column in (0, 1):
        repeated = [word for word, times in Counter(row[column] for row in glossary()).items() if times > 1]
        assert not repeated, repeated


def test_every_column_of_the_facts_is_in_the_glossary() -> None:
    page = (PAGE.parent / "facts.md").read_text("utf-8")
    section = page.split("## 事实表")[1].split("\n## ")[0]
    columns = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)
    terms = {row[0].strip("`"): row[1] for row in glossary()}
    assert len(columns) == 12
    for column, chinese in columns:
        assert column in terms, column
        assert chinese.strip() in (terms[column], "地类"), (column, chinese, terms[column])


def test_a_public_name_bears_the_chinese_of_the_glossary() -> None:
    terms = {row[0].strip("`"): "".join(CHINESE.findall(row[1])) for row in glossary()}
    rooms = [m.name for m in pkgutil.iter_modules(shuibao.__path__) if m.ispkg]
    seen = 0
    for room in rooms:
        module = importlib.import_module(f"shuibao.{room}")
        for name in set(getattr(module, "__all__", [])) & terms.keys():
            value = getattr(module, name)
            if callable(value):
                first = (value.__doc__ or "").strip().split("\n\n")[0]
                assert terms[name] in first, f"{room}.{name}: {terms[name]} is not in {first!r}"
                seen += 1
    assert seen >= 3
