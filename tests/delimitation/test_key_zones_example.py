"""The example that draws all key zones calls things by their names."""

from pathlib import Path

import pytest
from examples import key_zones


def test_a_county_that_is_a_region_of_its_own_is_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(key_zones, "make_imaginary_region", lambda *_, **named: given.update(named))
    monkeypatch.setattr(key_zones, "load_region", lambda folder: folder)
    monkeypatch.setattr(key_zones, "run_region", lambda region: None)
    key_zones.county_region(tmp_path, "140921")
    assert given["name"] == "定襄县"
