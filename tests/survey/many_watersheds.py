"""The small region with limits of area so low that it holds many small watersheds, run (模拟数据)."""

from __future__ import annotations

from pathlib import Path

from tests.survey.small_region import small_region

from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

PACK = """
[pack]
id = "small"
title = "试用面积"
title_en = "Areas for trial"

[sources.trial]
title = "试用"
title_en = "Trial"
read = true

[watershed]
name = "小流域划分"
name_en = "Small watersheds"
unit = "km2"
source = "trial"
status = "draft"
basis = "chosen"
confidence = "L"
maximum_area = { value = 0.4, name = "上限", name_en = "Largest" }
target_area = { value = 0.25, name = "目标", name_en = "Target" }
minimum_area = { value = 0.08, name = "下限", name_en = "Smallest" }
channel_area = { value = 0.02, name = "河道", name_en = "Channel" }
large_river_area = { value = 4, name = "大河", name_en = "Large river" }
sliver_area = { value = 0.01, name = "零星", name_en = "Sliver" }
"""


def many_watersheds(folder: Path) -> Region:
    """Make and run a region of two counties and some dozen small watersheds."""
    small_region(folder, region={"rules": ["national", "shanxi", "inputs/small.toml"]})
    (folder / "inputs" / "small.toml").write_text(PACK, encoding="utf-8")
    region = load_region(folder)
    run_region(region, jobs=1)
    return region
