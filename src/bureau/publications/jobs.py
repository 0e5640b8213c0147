"""What the worker does for published results (成果后台任务)."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(name="publications.demonstrate", queue="science")
def demonstrate(year: int) -> None:
    """Make, run and publish a year of the demonstration (制作演示成果)."""
    from bureau.publications.demonstration import make

    make(year)
