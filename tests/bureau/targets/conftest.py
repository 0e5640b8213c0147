"""A test double for published rates, and the documents loaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bureau.publications.selectors import RateFigure
from bureau.regions.models import Region
from bureau.targets.models import Target

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def figure(code: str, year: int, percent: float, km2: float = 1000.0, *, simulated: bool = True) -> RateFigure:
    """Return a rate as the publications have it."""
    return RateFigure(
        region_code=code, year=year, land_m2=km2 * 1e6, eroded_m2=km2 * 1e4 * (100 - percent), percent=percent, low=None,
        high=None, version=1, simulated=simulated, publication=1, complete=True,
    )  # fmt: skip


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return the function that publishes rates: ``publish("140928", {2022: 60.0}, km2=1383)``."""
    found: list[RateFigure] = []
    monkeypatch.setattr(
        "bureau.targets.actuals.rates", lambda prefix: [f for f in found if f.region_code.startswith(prefix)]
    )

    def add(code: str, by_year: dict[int, float], km2: float = 1000.0) -> None:
        found.extend(figure(code, year, percent, km2) for year, percent in by_year.items())

    return add


@pytest.fixture
def xinzhou(db: None, publish: Callable[..., None]) -> Region:
    """Return Xinzhou of two counties, with rates of three years, and targets of 62 and 66 %."""
    publish("140928", {2022: 60.0, 2023: 60.4, 2024: 61.0}, km2=1000)
    publish("140932", {2022: 50.0, 2023: 50.2, 2024: 50.3}, km2=3000)
    publish("140900", {2022: 52.5, 2023: 52.75, 2024: 52.975}, km2=4000)
    city = Region.objects.get(code="140900")
    for year, percent in ((2025, "54.00"), (2035, "58.00")):
        Target.objects.create(
            region=city, year=year, percent=Decimal(percent), source="测试文件", clause="一", pack="test",
            status=Target.Status.VERIFIED,
        )  # fmt: skip
    return city


@pytest.fixture
def begin(xinzhou: Region, person: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that begins to divide Xinzhou's target: ``begin(by, year=2025)``."""
    from bureau.targets import decomposing
    from bureau.targets.actuals import published
    from bureau.targets.closing import Method

    def start(by: Any = None, year: int = 2025, method: Method = Method.EQUAL, **fields: Any) -> Any:
        by = by or person("clerk", region="140900")
        return decomposing.begin(
            by=by, region=xinzhou, year=year, method=method, figures=published("1409"), now=NOW, **fields
        )

    return start
