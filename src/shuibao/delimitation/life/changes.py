"""What an edit does to a layer: some zones go, others come (变更)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.life.recorded_zones import Zone, layer_with, zone_of, zones_of
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import ZoneLayer

OPERATIONS = {
    "add": ("新增", "added"), "remove": ("删除", "removed"), "reshape": ("改边界", "reshaped"),
    "merge": ("合并", "merged"), "split": ("拆分", "split"), "attributes": ("改属性", "attributes"),
    "rename": ("改名", "renamed"),
}  # fmt: skip
"""What can be done to zones, with the words for it."""

ATTRIBUTE_OPERATIONS = ("attributes", "rename")
"""Operations that leave the shape as it is."""


@dataclass(frozen=True)
class Change:
    """
    One operation on zones, with what was there before and what is there after (一项变更).

    Parameters
    ----------
    operation : str
        One of :data:`OPERATIONS`.
    before, after : tuple of Zone
        The zones that it takes away, and those that it puts in their place.
    origin : str
        Edit and change that a person made, as ``"3.1"``; a change that was carried over to a new drawing keeps it.
    """

    operation: str
    before: tuple[Zone, ...]
    after: tuple[Zone, ...]
    origin: str = ""

    def written(self) -> dict[str, Any]:
        """Return the change as plain values (写入记录)."""
        return {
            "operation": self.operation, "origin": self.origin, "before": [z.written() for z in self.before],
            "after": [z.written() for z in self.after],
        }  # fmt: skip

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes that it touches, each once (涉及编号)."""
        return tuple(dict.fromkeys(z.code for z in (*self.before, *self.after)))


def change_of(written: Mapping[str, Any]) -> Change:
    """
    Return a change as a record holds it (读自记录).

    Parameters
    ----------
    written : mapping
        What :meth:`Change.written` returned.
    """
    zones = (tuple(zone_of(z) for z in written[side]) for side in ("before", "after"))
    before, after = zones
    return Change(written["operation"], before, after, written["origin"])


def applied(layer: ZoneLayer, changes: Sequence[Change]) -> ZoneLayer:
    """
    Return a layer with changes made to it, which must fit it exactly (应用变更).

    Parameters
    ----------
    layer : ZoneLayer
        The layer that the changes were made to.
    changes : sequence of Change
        Changes that touch different zones.

    Raises
    ------
    ShuibaoError
        If a zone that a change takes away is not there, or is another than it was; or two changes touch one zone.
    """
    gone: set[str] = set()
    came: list[Zone] = []
    for change in changes:
        twice = gone & {zone.code for zone in change.before}
        if twice:
            raise ShuibaoError(
                f"区域 {'、'.join(sorted(twice))} 在一次修改中出现两次；请分两次修改。",
                f"the zones {', '.join(sorted(twice))} occur twice in one edit; make two edits of it.",
            )
        gone |= {zone.code for zone in change.before}
        came += change.after
    _refuse_misfits(layer, [zone for change in changes for zone in change.before])
    _refuse_taken(layer, gone, came)
    return layer_with(layer, gone, came)


def _refuse_misfits(layer: ZoneLayer, before: Sequence[Zone]) -> None:
    rows = {str(code): k for k, code in enumerate(layer.columns["code"])}
    for zone in before:
        if zone.code not in rows:
            raise ShuibaoError(
                f"区域 {zone.code} 已不存在；请按现在的编号修改（shuibao zones rebuild 可导出现状）。",
                f"there is no zone {zone.code} any more; edit by the codes of now (shuibao zones rebuild writes them out).",
            )
        if not same_shape(layer.geometry[rows[zone.code]], zone.geometry):
            raise ShuibaoError(
                f"区域 {zone.code} 的边界与修改时的不同；请对照现状重新修改。",
                f"the boundary of zone {zone.code} is another than when it was edited; edit it again as it is now.",
            )


def _refuse_taken(layer: ZoneLayer, gone: set[str], came: Sequence[Zone]) -> None:
    codes = [zone.code for zone in came]
    kept = {str(code) for code in layer.columns["code"]} - gone
    taken = sorted({code for code in codes if code in kept or codes.count(code) > 1})
    if taken:
        raise ShuibaoError(
            f"编号 {taken} 已有区域使用；请为新区域另起编号。",
            f"the codes {taken} are those of other zones; give the new zones codes of their own.",
        )


def same_shape(a: Any, b: Any) -> bool:
    """
    Tell whether two shapes are the same to the last bit (形状全同).

    Parameters
    ----------
    a, b : shapely geometry
        Shapes.

    Examples
    --------
    >>> same_shape(shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1.0000000001))
    False
    """
    return bool(shapely.to_wkb(a, byte_order=1) == shapely.to_wkb(b, byte_order=1))


def named_zones(layer: ZoneLayer, codes: Sequence[str]) -> list[Zone]:
    """
    Return zones of a layer by their codes, in the order given (按编号取区域).

    Parameters
    ----------
    layer : ZoneLayer
        The layer.
    codes : sequence of str
        Codes.

    Raises
    ------
    ShuibaoError
        If there is no zone of a code.
    """
    rows = {str(code): k for k, code in enumerate(layer.columns["code"])}
    missing = [code for code in codes if code not in rows]
    if missing:
        near = list(rows)[:3]
        raise ShuibaoError(
            f"没有编号为 {'、'.join(missing)} 的区域（共 {len(rows)} 个，如 {'、'.join(near)}）；请核对编号。",
            f"there are no zones {', '.join(missing)} (there are {len(rows)}, such as {', '.join(near)}); check the codes.",
        )
    return zones_of(layer, np.array([rows[code] for code in codes], dtype=np.int64))
