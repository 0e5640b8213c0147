"""How far a commission is, step by step (进度)."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.commissions.child import MAKING
from bureau.commissions.models import Commission
from bureau.commissions.previewing import REVIEWING
from shuibao.survey.run import STEPS


@dataclass(frozen=True)
class Step:
    """
    A step of a run (步骤).

    Attributes
    ----------
    name : str
        Chinese name.
    percent : int
        How much of it is done.
    """

    name: str
    percent: int

    @property
    def state(self) -> str:
        """Return whether it is done, under way or ahead (状态)."""
        return "完成" if self.percent >= 100 else "进行中" if self.percent else "等待"


def steps_of(commission: Commission) -> list[Step]:
    """
    Return the steps of a commission (步骤进度).

    Parameters
    ----------
    commission : Commission
        Its ``told`` holds what the child said last: how much is done, and how much there is.
    """
    names = {key: zh for key, (zh, _) in STEPS.items()}
    if commission.imaginary:
        names = {MAKING: "生成模拟数据", **names}
    names = {**names, REVIEWING: "编制送审材料"}
    told = commission.told
    finished = commission.status in ("finished", "accepted", "published", "rejected")
    return [Step(zh, 100 if finished else _percent(*told.get(key, (0, 1)))) for key, zh in names.items()]


def _percent(done: int, total: int) -> int:
    """Return how much of something is done; 100 only when all is."""
    return min(100, int(100 * done / max(total, 1)))
