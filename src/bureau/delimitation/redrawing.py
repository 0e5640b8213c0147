"""
Drawing zones anew (重划): on other results, other parameters or another package.

What people changed is made to the new drawing again, as ``shuibao zones redraw`` does; what no longer fits waits for a
decision. All of it is made beside the folder in use, which it then takes the place of.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, close_old_connections, connection, transaction

from bureau.access import Duty
from bureau.commissions.models import Commission
from bureau.delimitation import parameters
from bureau.delimitation.acting import Ground, alone_with, in_plain_words, words_needed
from bureau.delimitation.drawing import LINES, alone, run_child
from bureau.delimitation.folders import carry_over, put_in_place, recover
from bureau.delimitation.indexing import zones_folder
from bureau.delimitation.models import Delimitation, Package, Redraw
from bureau.delimitation.packages import put_drawn, refuse_unready
from bureau.delimitation.selectors import may_edit
from bureau.delimitation.services import COMPUTED
from bureau.office.models import Person
from bureau.refusal import Refusal
from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.journal import read_journal
from shuibao.delimitation.life.redrawing import is_redrawn, redraw
from shuibao.delimitation.life.versions import versions_of
from shuibao.delimitation.locking import locked_zones
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.region import load_region


@transaction.atomic
def order(
    *, by: Person, delimitation: Delimitation, why: str, given: Mapping[str, str], now: datetime,
    commission: Commission | None = None, package: Package | None = None,
) -> Redraw:  # fmt: skip
    """
    Order zones to be drawn anew; the worker draws them, while people go on (重划).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    delimitation : Delimitation
        In a stage whose boundaries may be changed.
    why : str
    given : mapping of str to str
        Parameters as typed, by id; what is left out is as the rule packs say.
    now : datetime
    commission : Commission, optional
        Later results of the region and year to draw on; those that there are if none is given.
    package : Package, optional
        Zones to take up instead of drawing any.

    Raises
    ------
    Refusal
        If it is not theirs, too late, says no reason, there is nothing to draw on, or nothing would be another.
    """
    if not by.may(Duty.CLERK, delimitation.region_id):
        raise Refusal("not-your-region", f"您没有{delimitation.region}的经办岗位，不能重划。")
    if not may_edit(delimitation, by):
        raise Refusal("too-late", "现在的阶段边界已定，不能重划；要重划，请先退回调整。")
    why = words_needed(why, "重划的理由")
    region = load_region(delimitation.folder)
    settings = parameters.settings_of(region, delimitation.theme)
    values = {} if package is not None else parameters.chosen(settings, given)
    if package is not None:
        _check_package(delimitation, package)
    elif commission is not None:
        _check_commission(delimitation, commission)
    else:
        _check_own(delimitation, settings, values)
    if values:
        parameters.pack_of(region, values, why)  # refuses what does not hold
    try:
        with transaction.atomic():
            made = Redraw.objects.create(
                delimitation=delimitation, commission=commission if package is None else None, package=package,
                parameters=values, why=why, by=by, at=now,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refusal("under-way", "已有一次重划正在进行；请等它完成。") from twice
    from bureau.delimitation import jobs

    jobs.redraw.configure(lock=f"delimitation-{delimitation.pk}").defer(redraw=made.pk)
    return made


def _check_package(delimitation: Delimitation, package: Package) -> None:
    refuse_unready(package)
    mine = (delimitation.region_id, delimitation.theme, delimitation.year)
    if (package.region_id, package.theme, package.year) != mine:
        raise Refusal("other-package", f"{package}不是{delimitation}的成果包；请选同一地区、年份、类别的。")


def _check_commission(delimitation: Delimitation, commission: Commission) -> None:
    if commission.status not in COMPUTED:
        raise Refusal("not-computed", f"计算委托现为“{commission.get_status_display()}”；请等计算完成后再重划。")
    if (commission.region_id, commission.year) != (delimitation.region_id, delimitation.year):
        raise Refusal("other-results", f"{commission}的成果不是{delimitation}的；请选同一地区、年份的计算委托。")


def _check_own(delimitation: Delimitation, settings: list[parameters.Setting], values: dict[str, Any]) -> None:
    """Refuse to draw on the same results by the same parameters, and where there are no results."""
    if not (delimitation.folder / "products").is_dir():
        raise Refusal("no-results", "这个划定由成果包建立，没有计算成果可据以重划；请选计算委托，或上传新的成果包。")
    folder = zones_folder(delimitation)
    if values == {s.id: s.now for s in settings if s.now != s.given} and not is_redrawn(folder, read_journal(folder)):
        raise Refusal("nothing-new", "成果和参数都与现在的相同，重划不会有变化；请换计算委托、成果包，或改参数。")


def carry_out(pk: int, *, now: datetime) -> None:
    """
    Draw zones anew, and take the drawing up (重划并采用).

    Parameters
    ----------
    pk : int
        The order. One that is done or failed is left alone; what a dead worker began is done again.
    now : datetime
    """
    ordered = Redraw.objects.filter(pk=pk, status=Redraw.Status.ORDERED)
    found = ordered.select_related(
        "delimitation__region", "commission", "package__region", "by__organisation__region"
    ).first()
    if found is None:
        return
    folder = found.delimitation.folder
    fresh = folder.with_name(f"{folder.name}.redrawn")
    with alone(folder.with_suffix(".lock")):
        if not ordered.exists():
            return
        recover(folder)
        try:
            _prepare(found, fresh)
            if not connection.in_atomic_block:
                close_old_connections()  # the drawing may have taken an hour
            told = _take_up(found, fresh, now)
            ordered.update(status=Redraw.Status.DONE, message=told)
        except ShuibaoError as refused:
            ordered.update(status=Redraw.Status.FAILED, message=in_plain_words(refused))
        except Refusal as refused:
            ordered.update(status=Redraw.Status.FAILED, message=refused.message)
        except OSError as full:
            told = f"写不出新的划定文件夹（{full.strerror or full}）；现行区域没有变，请告知运维人员后重试。"
            ordered.update(status=Redraw.Status.FAILED, message=told)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _prepare(order: Redraw, fresh: Path) -> None:
    """Make the new folder and draw in it; the folder in use is only read."""
    one = order.delimitation
    shutil.rmtree(fresh, ignore_errors=True)
    if order.package is not None:
        shutil.copytree(one.folder, fresh, ignore=lambda at, names: ["zones"] if Path(at) == one.folder else [])
        put_drawn(order.package, fresh)
        return
    source = order.commission.folder if order.commission is not None else one.folder
    if not (source / "region.toml").is_file():
        raise Refusal("no-folder", f"{order.commission or one}的区域文件夹不在了；请重新委托计算。")
    said = f"{one}（第 {one.pk} 号）：{order.by.organisation.name} {order.by.name} 选定，{order.why}"
    rules = parameters.pack_of(load_region(source), order.parameters, said) if order.parameters else ""
    words = {"source": str(source), "folder": str(fresh), "theme": one.theme, "rules": rules}
    code, said = run_child(words)
    if code != 0:
        lines = [line for line in said.splitlines() if line.strip()][-LINES:]
        raise Refusal("not-drawn", "\n".join(lines) or "划定程序没有说明原因就结束了；现行区域没有变，请重试。")


def _take_up(order: Redraw, fresh: Path, now: datetime) -> str:
    """Make what people changed to the new drawing, and put the new folder in the place of the one in use."""
    one = order.delimitation
    with alone_with(one, by=order.by, now=now) as ground, locked_zones(one.folder, one.theme):
        carry_over(one.folder / "zones", fresh / "zones")
        told = _replayed(order, ground, fresh)
        put_in_place(one.folder, fresh)
        locked = ground.delimitation
        locked.commission = order.commission or locked.commission
        locked.package = order.package or locked.package
        locked.save(update_fields=["commission", "package"])
    return told


def _replayed(order: Redraw, ground: Ground, fresh: Path) -> str:
    theme = order.delimitation.theme
    if not versions_of(read_journal(theme_folder(fresh, theme))):
        return "还没有人工修改或流程记录，现行区域就是新底图。"
    record = redraw(fresh, theme, ground.act(order.why), load_rules(load_region(fresh).packs))
    kept, conflicts = len(record["changes"]), len(record["conflicts"])
    waiting = "；请逐项取舍" if conflicts else ""
    return f"已采用新底图：{kept} 项修改重放成功，{conflicts} 项不再适用{waiting}。"


def results_for(delimitation: Delimitation, by: Person) -> Any:
    """
    Return the commissions that zones may be drawn anew on (可选计算委托).

    Parameters
    ----------
    delimitation : Delimitation
    by : Person
    """
    found = Commission.objects.for_person(by).filter(
        status__in=COMPUTED, region=delimitation.region, year=delimitation.year
    )
    return found.exclude(pk__in=[delimitation.commission_id] if delimitation.commission_id else [])


def packages_for(delimitation: Delimitation, by: Person) -> Any:
    """
    Return the packages whose zones may be taken up (可选成果包).

    Parameters
    ----------
    delimitation : Delimitation
    by : Person
    """
    found = Package.objects.for_person(by).filter(
        status=Package.Status.READY, region=delimitation.region, year=delimitation.year, theme=delimitation.theme
    )
    return found.exclude(pk__in=[delimitation.package_id] if delimitation.package_id else [])
