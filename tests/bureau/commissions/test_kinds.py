"""What may be said of an upload is what a run understands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.survey.small_region import small_region

from bureau.commissions.kinds import KINDS, TEXTURE
from shuibao.survey.checking import check_region

MOST_CHOICES = max(len(kind.choices) for kind in KINDS.values())
OTHERS = {"r_factor": "rain", "texture": "soil_k", "cover_24": "cover"}
"""Kinds that stand for another."""


def given(key: str, round_: int) -> dict[str, Any]:
    """Return the input that an upload of a kind makes, with the choice of a round."""
    kind = KINDS[key]
    words = kind.words(kind.choices[round_ % len(kind.choices)][0])
    if key == "texture":
        return {name: "inputs/k.tif" for name in TEXTURE if name != "organic_carbon"} | words
    return words | ({"path": "inputs/areas.csv"} if key == "control_areas" else {"path": "inputs/k.tif"})


@pytest.mark.parametrize("round_", range(MOST_CHOICES))
def test_every_unit_scheme_and_correction_on_offer_is_one_that_the_check_knows(round_: int, tmp_path: Path) -> None:
    others = bool(round_ % 2)
    keys = [key for key, kind in KINDS.items() if kind.word and key not in (OTHERS.values() if others else OTHERS)]
    inputs: dict[str, Any] = {KINDS[key].serves: given(key, round_ // 2 if key in OTHERS else round_) for key in keys}
    inputs |= {OTHERS[key]: None for key in OTHERS if others and KINDS[key].serves != OTHERS[key]}
    inputs |= {"rain": inputs["rain"] | {"path": "inputs/rain.csv"}} if inputs.get("rain") else {}
    folder = small_region(tmp_path, inputs=inputs)
    (folder / "inputs" / "areas.csv").write_text("code,area\n990001,1\n990002,1\n", encoding="utf-8")
    found = check_region(folder, write=False).findings
    words = {f"inputs.{KINDS[key].serves}.{KINDS[key].word}" for key in keys}
    assert not [str(f) for f in found if f.severity == "error" and (f.where in words or "不认识" in str(f))]


def test_the_check_would_have_found_a_unit_that_is_none(tmp_path: Path) -> None:
    wrong = {"path": "inputs/k.tif", "unit": "MJ mm / (hm2 h)"}
    found = check_region(small_region(tmp_path, inputs={"rain": None, "r_factor": wrong}), write=False).findings
    assert any("不认识" in str(f) and f.where == "inputs.r_factor.unit" for f in found)
