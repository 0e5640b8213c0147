"""What the worker does for delimitations (后台任务). Jobs may be run twice: each looks how far things are."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(name="delimitation.draw", queue="science")
def draw(delimitation: int) -> None:
    """Draw the zones (划定)."""
    from bureau.delimitation.drawing import draw

    draw(delimitation)


@app.task(name="delimitation.examine", queue="science")
def examine(package: int) -> None:
    """Examine a package of zones (验收成果包)."""
    from bureau.delimitation.packages import settle

    settle(package)


@app.task(name="delimitation.redraw", queue="science")
def redraw(redraw: int) -> None:
    """Draw zones anew (重划)."""
    from django.utils import timezone

    from bureau.delimitation.redrawing import carry_out

    carry_out(redraw, now=timezone.now())


@app.task(name="delimitation.announce", queue="science")
def announce(announcement: int) -> None:
    """Write and publish an announcement (公告)."""
    from bureau.delimitation.announcing import carry_out

    carry_out(announcement)


@app.periodic(cron="*/5 * * * *")
@app.task(name="delimitation.catch_up", queue="office", queueing_lock="delimitation.catch_up")
def catch_up(timestamp: int) -> None:
    """Write the index of folders that hold more than it knows (补写索引)."""
    from bureau.delimitation.catching_up import catch_up

    catch_up()


@app.task(name="delimitation.demonstrate", queue="science")
def demonstrate() -> None:
    """Make the delimitation of the demonstration (演示划定)."""
    from bureau.delimitation.demonstration import make

    make()
