"""Names of small watersheds, after their streams or their county (小流域名称)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from shuibao.messages import CallError, ShuibaoError

SUFFIX = "小流域"
DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
STRETCHES = {1: ("",), 2: ("上段", "下段"), 3: ("上段", "中段", "下段")}
"""How stretches of one stream are called, from above; more are numbered 一段、二段……"""


def stream_lengths(
    polygons: Sequence[shapely.Geometry], names: Sequence[str], lines: Sequence[shapely.Geometry]
) -> list[dict[str, float]]:
    """
    Measure how long each named stream runs inside each small watershed (单元内河长).

    Parameters
    ----------
    polygons : sequence of geometry
        Each unit 1..U, projected, m.
    names : sequence of str
        Name of each line. Lines without a name (``""``) are passed over.
    lines : sequence of geometry
        Streams in the same projection.

    Returns
    -------
    list of dict of str to float
        For each unit the length of each stream, m. Streams that only touch it are left out.

    Raises
    ------
    CallError
        If there are not as many names as lines.
    ShuibaoError
        If no line lies where the units are: the layer is in another coordinate system or of another place.

    Examples
    --------
    >>> box = shapely.box(0.0, 0.0, 10.0, 10.0)
    >>> stream_lengths([box], ["偏关河"], [shapely.LineString([(5.0, 5.0), (5.0, 30.0)])])
    [{'偏关河': 5.0}]
    """
    if len(names) != len(lines):
        raise CallError(
            f"河流 {len(lines)} 条而名称 {len(names)} 个；请一一对应。",
            f"{len(lines)} streams but {len(names)} names; give one for each.",
        )
    lengths: list[dict[str, float]] = [{} for _ in polygons]
    named = [k for k, name in enumerate(names) if name.strip()]
    if not named or not len(polygons):
        return lengths
    tree = shapely.STRtree([lines[k] for k in named])
    units, found = tree.query(list(polygons), predicate="intersects")
    if not units.size:
        raise ShuibaoError(
            f"河流图层与小流域不重叠：河流范围 {_extent(lines)}，小流域 {_extent(polygons)}；请核对坐标系与地区。",
            f"the streams do not overlap the small watersheds: streams {_extent(lines)}, units {_extent(polygons)};"
            " check the coordinate system and the place.",
        )
    for unit, k in sorted(zip(units.tolist(), found.tolist(), strict=True)):
        inside = float(shapely.length(shapely.intersection(polygons[unit], lines[named[k]])))
        if inside > 0:
            name = names[named[k]].strip()
            lengths[unit][name] = lengths[unit].get(name, 0.0) + inside
    return lengths


def outlet_streams(
    units: Mapping[int, tuple[shapely.Geometry, shapely.Geometry]],
    down: Sequence[int],
    lengths: Sequence[Mapping[str, float]],
    names: Sequence[str],
    lines: Sequence[shapely.Geometry],
) -> list[str]:
    """
    Find the named stream that passes through the outlet of some small watersheds (出口断面的河流).

    Parameters
    ----------
    units : mapping of int to (geometry, geometry)
        Polygon and outlet point of each unit asked for, by its number from 1; projected, m.
    down : sequence of int
        Unit that each unit 1..U drains into, 0 for none.
    lengths : sequence of mapping of str to float
        For each unit 1..U the length of each stream, m; from :func:`stream_lengths` of the same streams.
    names : sequence of str
        Name of each line.
    lines : sequence of geometry
        Streams in the same projection.

    Returns
    -------
    list of str
        For each unit 1..U the name of the stream; ``""`` where none was asked for or no named stream runs.

    Notes
    -----
    Mapped streams seldom hit the outlet cell. Of those inside a unit the one passes that runs on into the unit downstream;
    of several, or if none does, the one that comes nearest to the outlet within the unit, and of two as near the longer.

    Examples
    --------
    >>> box, outlet = shapely.box(0.0, 0.0, 10.0, 10.0), shapely.Point(10.0, 5.0)
    >>> lines = [shapely.LineString([(6.0, 5.0), (10.0, 5.0)]), shapely.LineString([(1.0, 0.0), (1.0, 9.0)])]
    >>> names = ["偏关河", "小河"]
    >>> outlet_streams({1: (box, outlet)}, [0], stream_lengths([box], names, lines), names, lines)
    ['偏关河']
    """
    found = [""] * len(lengths)
    own: defaultdict[str, list[shapely.Geometry]] = defaultdict(list)
    for name, line in zip(names, lines, strict=True):
        own[name.strip()].append(line)
    for number, (polygon, outlet) in units.items():
        inside, below = lengths[number - 1], down[number - 1]
        on = [name for name in inside if below and name in lengths[below - 1]] or list(inside)
        ranks = []
        for name in on if len(on) > 1 else ():
            distances = shapely.distance(
                outlet, shapely.intersection(polygon, own[name])
            )  # NaN of lines that are not inside
            ranks.append((float(np.nanmin(distances)), -inside[name], name))
        found[number - 1] = min(ranks)[-1] if ranks else "".join(on)
    return found


def watershed_names(
    lengths: Sequence[Mapping[str, float]],
    county: Sequence[str],
    county_names: Mapping[str, str],
    at_outlet: Sequence[str] = (),
) -> list[str]:
    """
    Name small watersheds after the stream at their outlet, or the one that is longest in them (小流域命名).

    Parameters
    ----------
    lengths : sequence of mapping of str to float
        For each unit 1..U, which are numbered downstream, the length of each stream, m; see :func:`stream_lengths`.
        Empty where there is none.
    county : sequence of str
        Code of the main county of each unit.
    county_names : mapping of str to str
        Name of each county; a code without a name stands for itself.
    at_outlet : sequence of str, optional
        For each unit the stream it is named after, from :func:`outlet_streams`; after the longest where it is ``""``.

    Returns
    -------
    list of str
        Unique within each county. Of two units on one stream the upper is 上段 and the lower 下段, of three the second
        is 中段, more are numbered from above. Units without a stream are numbered by county.

    Raises
    ------
    CallError
        If there are not as many counties, or streams at outlets, as units.

    Examples
    --------
    >>> watershed_names([{"偏关河": 9.0}, {"偏关河": 4.0, "小河": 1.0}, {}], ["140932"] * 3, {"140932": "偏关县"})
    ['偏关河上段小流域', '偏关河下段小流域', '偏关县第1小流域']
    """
    if len(lengths) != len(county):
        raise CallError(
            f"小流域 {len(lengths)} 个而主县 {len(county)} 个；请一一对应。",
            f"{len(lengths)} units but {len(county)} main counties; give one for each.",
        )
    if at_outlet and len(at_outlet) != len(lengths):
        raise CallError(
            f"小流域 {len(lengths)} 个而出口河流 {len(at_outlet)} 条；请一一对应，没有的写空。",
            f"{len(lengths)} units but {len(at_outlet)} streams at outlets; give one for each, empty where there is none.",
        )
    longest = [min(found, key=lambda name: (-found[name], name)) if found else "" for found in lengths]
    streams = [one or other for one, other in zip(at_outlet or [""] * len(longest), longest, strict=True)]
    members: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for unit, (code, stream) in enumerate(zip(county, streams, strict=True)):
        members[code, stream].append(unit)
    result = [""] * len(streams)
    for (code, stream), units in members.items():
        stretches = STRETCHES.get(len(units)) or [f"{numeral(k)}段" for k in range(1, len(units) + 1)]
        for serial, unit in enumerate(units, start=1):
            plain = f"{county_names.get(code, code)}第{serial}{SUFFIX}"
            result[unit] = f"{stream}{stretches[serial - 1]}{SUFFIX}" if stream else plain
    return _made_unique(result, county)


def numeral(number: int) -> str:
    """
    Return a number from 1 to 9999 in Chinese (汉字数字).

    Parameters
    ----------
    number : int
        From 1 to 9999.

    Examples
    --------
    >>> numeral(3), numeral(12), numeral(305), numeral(1010)
    ('三', '十二', '三百零五', '一千零一十')
    """
    text, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += (DIGITS[0] if zero and text else "") + DIGITS[digit] + UNITS[place]
        zero = digit == 0
    return text.removeprefix("一") if 10 <= number < 20 else text


def _made_unique(names: list[str], county: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that a county already has."""
    seen: Counter[tuple[str, str]] = Counter()
    taken = set(zip(county, names, strict=True))
    result = []
    for name, code in zip(names, county, strict=True):
        seen[code, name] += 1
        unique, k = name, seen[code, name]
        while k > 1 and (code, unique) in taken:
            unique = f"{name}（{numeral(k)}）"
            k += 1
        taken.add((code, unique))
        result.append(unique)
    return result


def _extent(shapes: Sequence[shapely.Geometry]) -> str:
    """Return the extent of shapes for messages."""
    return "[" + ", ".join(f"{value:.6g}" for value in shapely.total_bounds(list(shapes))) + "]"
