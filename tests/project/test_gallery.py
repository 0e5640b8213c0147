"""Laws of the gallery (docs/gallery.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "images" / "hydrology"


def drawn() -> list[str]:
    """Return the names of the pictures that the script draws."""
    tree = ast.parse((DOCS / "gallery" / "hydrology.py").read_text("utf-8"))
    tables = [
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PICTURES"
    ]
    assert len(tables) == 1
    return sorted(ast.literal_eval(key) for key in tables[0].keys)  # type: ignore[union-attr]


def test_the_page_shows_every_picture_that_the_script_draws_and_no_other() -> None:
    page = (DOCS / "gallery.md").read_text("utf-8")
    shown = sorted(re.findall(r"!\[[^\]]+\]\(images/hydrology/([\w-]+)\.png\)", page))
    assert shown == drawn() == sorted(path.stem for path in FOLDER.glob("*.png"))


def test_the_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert len(sizes) == len(drawn())
    assert max(sizes.values()) < 200_000, sizes
