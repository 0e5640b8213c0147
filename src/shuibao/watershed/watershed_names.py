"""Names of small watersheds, after their streams or their county (小流域名称)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

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


def watershed_names(
    lengths: Sequence[Mapping[str, float]], county: Sequence[str], county_names: Mapping[str, str]
) -> list[str]:
    """
    Name small watersheds after the stream that is longest in them (小流域命名).

    Parameters
    ----------
    lengths : sequence of mapping of str to float
        For each unit 1..U, which are numbered downstream, the length of each stream, m; see :func:`stream_lengths`.
        Empty where there is none.
    county : sequence of str
        Code of the main county of each unit.
    county_names : mapping of str to str
        Name of each county; a code without a name stands for itself.

    Returns
    -------
    list of str
        Unique within each county. Of two units on one stream the upper is 上段 and the lower 下段, of three the second
        is 中段, more are numbered from above. Units without a stream are numbered by county.

    Raises
    ------
    CallError
        If there are not as many counties as units.

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
    streams = [min(found, key=lambda name: (-found[name], name)) if found else "" for found in lengths]
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
