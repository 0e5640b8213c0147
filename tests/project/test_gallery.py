"""Laws of the pictures: those of the gallery (docs/gallery.md), and those of the bureau's pages (docs/bureau)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
GALLERIES = {"hydrology": ["gallery.md"], "bureau": [f"bureau/{path.name}" for path in (DOCS / "bureau").glob("*.md")]}
"""Scripts that draw, with the pages that show what they draw."""


def drawn(name: str) -> list[str]:
    """Return the names of the pictures that a script draws."""
    tree = ast.parse((DOCS / "gallery" / f"{name}.py").read_text("utf-8"))
    tables = [
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PICTURES"
    ]
    assert len(tables) == 1
    return sorted(ast.literal_eval(key) for key in tables[0].keys)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", GALLERIES)
def test_the_pages_show_every_picture_that_the_script_draws_and_no_other(name: str) -> None:
    pages = "".join((DOCS / page).read_text("utf-8") for page in GALLERIES[name])
    shown = sorted(re.findall(rf"!\[[^\]]+\]\((?:\.\./)?images/{name}/([\w-]+)\.png\)", pages))
    assert shown == drawn(name) == sorted(path.stem for path in (DOCS / "images" / name).glob("*.png"))


@pytest.mark.parametrize("name", GALLERIES)
def test_the_pictures_are_small(name: str) -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "images" / name).glob("*.png")}
    assert len(sizes) == len(drawn(name))
    assert max(sizes.values()) < 200_000, sizes
