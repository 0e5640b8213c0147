"""A small region of many small watersheds with rules that some of them meet, run (模拟数据)."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.survey.many_watersheds import PACK, many_watersheds

from shuibao.survey.region import Region, load_region

OWN = """
[key_zone]
source = "trial"
status = "draft"
basis = "chosen"
confidence = "L"
minimum_area = { value = 0.1, unit = "km2" }
join_distance = { value = 200, unit = "m" }
enclave_area = { value = 0.2, unit = "km2" }

[key_zone_rule]
source = "trial"
status = "draft"
unit = "percent"
treatment_eroded = { value = { index = "eroded_share", operator = ">=", threshold = 88, kind = "treatment", role = "base" } }
treatment_slope_farmland = { value = { index = "slope_farmland_share", operator = ">=", threshold = 20, kind = "treatment", role = "off" } }
treatment_moderate = { value = { index = "moderate_share", operator = ">=", threshold = 20, kind = "treatment", role = "off" } }
prevention_eroded = { value = { index = "eroded_share", operator = "<=", threshold = 84, kind = "prevention", role = "required" } }
"""


def key_zone_region(folder: Path) -> Region:
    """Return the region, run; nothing is drawn yet. It is made once and copied."""
    return load_region(Path(shutil.copytree(_run_once(), folder, dirs_exist_ok=True)))


@cache
def _run_once() -> Path:
    made = Path(tempfile.mkdtemp(prefix="shuibao-key-zones-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    region = many_watersheds(made / "region")
    pack = PACK.replace('title = "试用面积"', 'includes = ["national"]\ntitle = "试用面积"') + OWN
    (region.folder / "inputs" / "small.toml").write_text(pack, encoding="utf-8")
    return region.folder
