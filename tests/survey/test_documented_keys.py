"""The page on region folders names every key of region.toml, and no other (文档与程序一致)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.survey.twin_counties import changed_region

from shuibao.survey import STEPS, region
from shuibao.survey.region import INPUT_KEYS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "survey.md").read_text(encoding="utf-8")
SHARED = {"path", "band", "crs", "datum_shift", "nodata", "note"}
"""Keys that the page explains once for all rasters."""


def rows(heading: str) -> dict[str, str]:
    """Return the rows of the first table under a heading, by what stands in their first column."""
    section = PAGE.split(f"\n### {heading}\n" if heading.startswith("`") else f"\n## {heading}\n")[1].split("\n#")[0]
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", section, flags=re.MULTILINE)
    return dict(found)


def test_every_key_of_the_region_is_explained() -> None:
    assert set(rows("`[region]`")) == set(region._REGION_KEYS)


def test_every_key_of_the_output_is_explained() -> None:
    assert set(rows("`[output]`")) == set(region._OUTPUT_KEYS)


@pytest.mark.parametrize("name", sorted(INPUT_KEYS))
def test_every_key_of_an_input_is_explained(name: str) -> None:
    explained = set(re.findall(r"`(\w+)", rows("`[inputs]`")[name]))
    assert set(INPUT_KEYS[name]) - SHARED <= explained


def test_every_step_is_explained_with_what_it_writes() -> None:
    steps = rows("步骤")
    assert list(steps) == list(STEPS)
    for name in ("r_factor.tif", "k_factor.tif", "b_factor.tif", "soil_loss.tif", "facts.parquet", "products.gpkg"):
        assert any(name in text for text in steps.values())


def test_the_example_is_read_without_complaint(tmp_path: Path) -> None:
    text = re.search(r"```toml\n(\[region\].*?)```", PAGE, flags=re.DOTALL)
    assert text is not None
    changed_region(tmp_path)  # a folder to write in
    (tmp_path / "region.toml").write_text(text[1], encoding="utf-8")
    assert region.load_region(tmp_path).codes == ("140902",)
