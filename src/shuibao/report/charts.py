"""Bar charts, drawn as SVG (条形图)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from shuibao.report.bilingual import Text, html, number, place, svg_text
from shuibao.report.bulletin import Bulletin
from shuibao.report.counting import Sums, classes_of, present, share
from shuibao.survey.land import INTENSITY_COLORS
from shuibao.survey.watershed_products import WatershedProducts

WIDTH = 520.0
VALUE = 92.0
"""Room for values at the right, units of the drawing."""

LEAST_NAME, MOST_NAME = 70.0, 160.0
"""Room for names at the left."""

BAR, GAP = 15.0, 9.0
SIZE_STEP = 5.0
"""Width of the classes by which small watersheds are counted, km² (chosen)."""


def rate_chart(bulletin: Bulletin) -> str:
    """
    Return the rate of each county as a bar, with a mark where its target is (水土保持率图).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    rows = [(bulletin.county_name(r.code) if r.code else Text("合计", "Total"), r) for r in bulletin.rates]
    rows = rows if len(rows) > 2 else rows[:1]
    room, top, out = _room([name for name, _ in rows]), 26.0, []
    track = WIDTH - VALUE - room
    for name, rate in rows:
        kind = "short" if rate.gap is not None and rate.gap < 0 else "met"
        out.append(_row(name, top, f"{number(rate.rate)} %", room))
        out.append(_bar(room, top, track, "track") + _bar(room, top, track * rate.rate / 100, kind))
        if rate.target is not None and rate.gap is not None:
            x = room + track * rate.target / 100
            out.append(f'<path class="target" d="M{place(x)} {place(top - 3)}v{BAR + 6:g}"/>')
            gap = number(rate.gap, sign=True)
            out.append(svg_text(WIDTH, top + BAR - 3.5, gap, 'text-anchor="end"', f"{kind}-text"))
        top += BAR + GAP
    title = Text("水土保持率（%）", "Conservation rate, %")
    return _figure(title, _rate_key(bulletin) + "".join(out), top)


def _rate_key(bulletin: Bulletin) -> str:
    year = next((r.target_year for r in bulletin.rates if r.target_year), None)
    if year is None:
        return _key([('class="met"', Text("没有给出目标", "No target given"))])
    words = [("met", Text("达到目标", "At the target")), ("short", Text("低于目标", "Below it"))]
    goal = Text(f"▏{year} 年目标；右为差距（百分点）", f"▏target {year}; at the right the gap, pp")
    key = _key([(f'class="{kind}"', word) for kind, word in words])
    return key + svg_text(WIDTH, 12, goal, 'text-anchor="end"', "key")


def intensity_chart(bulletin: Bulletin) -> str:
    """
    Return each county's eroded land by intensity class, in percent of its land (侵蚀强度构成图).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    sums = Sums(bulletin)
    eroded = {int(k) for k in sums.columns["intensity"][sums.eroded]}
    names = classes_of(bulletin, "intensity")
    chosen = [(bulletin.county_name(r.code), sums.rows(county=r.code)) for r in bulletin.rates[:-1]]
    if len(chosen) > 1:
        chosen.append((Text("合计", "Total"), sums.rows()))
    parts = [
        (name, [share(sums.km2(rows & sums.rows(intensity=k)), sums.km2(rows)) or 0.0 for k in sorted(eroded)])
        for name, rows in chosen
    ]
    most = max((sum(values) for _, values in parts), default=0.0) or 1.0
    room, top, out = _room([name for name, _ in parts]), 26.0, []
    for name, values in parts:
        x = room
        out.append(_row(name, top, f"{number(sum(values))} %", room))
        for k, value in zip(sorted(eroded), values, strict=True):
            width = (WIDTH - VALUE - room) * value / most
            out.append(_bar(x, top, width, f"i{k}", fill=_color(k)))
            x += width
        top += BAR + GAP
    key = _key([(f'fill="{_color(k)}"', names[k]) for k in sorted(eroded)])
    title = Text("水土流失面积占土地面积（%），按强度", "Eroded area by intensity, % of land")
    return _figure(title, key + "".join(out), top)


def losses_chart(bulletin: Bulletin, dimension: str) -> str:
    """
    Return the share of land and the share of soil loss of each class, bar by bar (面积与流失量占比图).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    dimension : {"land_use", "slope_class"}
        Column of the facts.
    """
    sums = Sums(bulletin)
    every = sums.rows()
    rows = []
    for code, name in present(bulletin, dimension).items():
        rows_of = sums.rows(**{dimension: code})
        land = share(sums.km2(rows_of), sums.km2(every)) or 0.0
        rows.append((name, land, share(sums.tonnes(rows_of), sums.tonnes(every)) or 0.0))
    most = max((max(land, loss) for _, land, loss in rows), default=0.0) or 1.0
    room, top, thin, out = _room([name for name, _, _ in rows]), 26.0, 8.0, []
    track = WIDTH - VALUE - room
    for name, land, loss in rows:
        out.append(_row(name, top, f"{number(land, 1)} / {number(loss, 1)}", room))
        out.append(_bar(room, top, track * land / most, "land", height=thin))
        out.append(_bar(room, top + thin, track * loss / most, "loss", height=thin))
        top += 2 * thin + GAP
    key = _key(
        [('class="land"', Text("占面积", "Share of land")), ('class="loss"', Text("占流失量", "Share of soil loss"))]
    )
    title = {
        "land_use": Text("各地类占面积与土壤流失量（%）", "Land classes: share of land and of soil loss, %"),
        "slope_class": Text("各坡度级占面积与土壤流失量（%）", "Slope classes: share of land and of soil loss, %"),
    }[dimension]
    return _figure(title, key + "".join(out), top)


def size_chart(products: WatershedProducts, step: float = SIZE_STEP) -> str:
    """
    Return how many small watersheds there are of each size (小流域面积分布图).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    step : float
        Width of a class of size, km².
    """
    low, high = products.limits_km2
    sizes = products.column("whole_area_m2") / 1e6
    within = np.asarray(products.column("within_limits"), dtype=bool)
    first, last = (
        math.floor(min(low, sizes.min(initial=low)) / step),
        math.ceil(max(high, sizes.max(initial=high)) / step),
    )
    grade = np.floor(sizes / step).astype(np.int64)
    rows = [
        (Text(f"{k * step:g}–{(k + 1) * step:g}", f"{k * step:g}–{(k + 1) * step:g}"), grade == k)
        for k in range(first, last)
    ]
    most = max((int(chosen.sum()) for _, chosen in rows), default=0) or 1
    room, top, out = _room([name for name, _ in rows]), 26.0, []
    for name, chosen in rows:
        inside, outside = int((chosen & within).sum()), int((chosen & ~within).sum())
        out.append(_row(name, top, f"{inside + outside}", room))
        width = (WIDTH - VALUE - room) / most
        out.append(_bar(room, top, width * inside, "met") + _bar(room + width * inside, top, width * outside, "short"))
        top += BAR + GAP
    words = [("met", Text("面积在限内", "Within the limits")), ("short", Text("超限", "Outside"))]
    key = _key([(f'class="{kind}"', word) for kind, word in words])
    return _figure(Text("小流域面积（km²）与个数", "Small watersheds by size, km²"), key + "".join(out), top)


def _color(code: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*INTENSITY_COLORS[code])


def _short(name: Text) -> Text:
    """Return a name without what stands in brackets."""
    return Text(name.zh.split("（")[0], name.en.split(" (")[0].split("（")[0])


def _room(names: Sequence[Text]) -> float:
    """Return the room that names take, by the usual width of letters."""
    shorts = [_short(name) for name in names]
    widths = [sum(12.0 if ord(ch) > 255 else 6.4 for ch in text) for name in shorts for text in (name.zh, name.en)]
    return min(max([LEAST_NAME, *(width + 12 for width in widths)]), MOST_NAME)


def _row(name: Text, top: float, value: str, room: float) -> str:
    base = top + BAR - 3.5
    named = svg_text(room - 8, base, _short(name), 'text-anchor="end"', "name")
    return named + svg_text(WIDTH - VALUE + 6, base, value, "", "value")


def _bar(x: float, y: float, width: float, kind: str, *, height: float = BAR, fill: str = "") -> str:
    color = f' fill="{fill}"' if fill else ""
    return f'<rect class="{kind}" x="{place(x)}" y="{place(y)}" width="{place(width)}" height="{height:g}"{color}/>'


def _key(entries: Sequence[tuple[str, Text]]) -> str:
    out, x = [], 0.0
    for paint, words in entries:
        out.append(f'<rect {paint} x="{place(x)}" y="3" width="10" height="10"/>')
        out.append(svg_text(x + 14, 12, words, "", "key"))
        x += 26 + max(11.5 * len(words.zh), 6.2 * len(words.en))
    return "".join(out)


def _figure(title: Text, drawn: str, height: float) -> str:
    size = f'viewBox="0 0 {WIDTH:g} {place(height)}"'
    return (
        f'<figure class="chart"><figcaption>{html(title)}</figcaption>'
        f'<svg class="bars" {size} role="img" aria-label="{html(title.zh)}">{drawn}</svg></figure>'
    )
