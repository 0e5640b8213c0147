"""
Draw the three kinds of key zone on imaginary Xinzhou (重点区域图): ``python docs/gallery/zones.py REGION OUTDIR``.

``REGION`` is a demonstration folder whose zones are drawn (``examples/key_zones.py``). All land is made up (模拟数据).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import shapely
from drawing import halo, prepare, save, say
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from shuibao.delimitation.draft.drawing import drawn_path
from shuibao.delimitation.folder import read_layer
from shuibao.rules import load_rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import Region, load_region
from shuibao.zoning.layer import THEMES

STEEP = (718e3, 4190e3, 736e3, 4204e3)
CLOSE = {"prevention_treatment": (652e3, 4130e3, 693e3, 4162e3), "severe_fragile": STEEP, "steep_slope": STEEP}
"""A window for each theme, m on the national grid: left, bottom, right, top."""


def outline(shape: shapely.Geometry) -> Outline:
    """Return a shape as a path, its holes left open."""
    rings = [r for part in shapely.get_parts(shape) for r in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*[Outline(shapely.get_coordinates(ring)) for ring in rings])


def put(axes: Axes, shapes: np.ndarray, **look: object) -> None:
    """Draw shapes."""
    axes.add_collection(PathCollection([outline(s) for s in shapes if not s.is_empty], **look))  # type: ignore[arg-type]


def picture(region: Region, theme: str) -> Figure:
    """Draw one theme: the whole region, and a part of it at close range."""
    rules, layer, counties = load_rules(region.packs), read_layer(drawn_path(region, theme)), counties_of(region)
    colors = {str(c["id"]): (str(c["fill"]), str(c["edge"])) for c in rules.value("zone_sheets.colors")}
    names = {str(k["id"]): say(str(k["name"]), str(k["id"])) for k in rules.value("zone_kind.classes")}
    kinds = np.asarray(layer.columns["kind"], dtype=np.str_)
    figure, both = plt.subplots(1, 2, figsize=(8.6, 4.0), layout="constrained")
    near = CLOSE[theme]
    window = shapely.box(*near)
    for axes, simpler in zip(both, (120.0, 0.0), strict=True):
        for kind in sorted(set(kinds.tolist())):
            own = layer.geometry[kinds == kind]
            own = shapely.simplify(own, simpler) if simpler else own[shapely.intersects(own, window)]
            face, edge = colors[kind]
            put(axes, own, facecolor=edge if simpler and theme != THEMES[0] else face, edgecolor=edge, linewidth=0.4)
        put(axes, np.asarray(counties.geometry), facecolor="none", edgecolor="#555555", linewidth=0.6)
        axes.set(aspect="equal", xticks=[], yticks=[])
        axes.text(
            0.99, 0.01, say("模拟数据", "simulated"), transform=axes.transAxes, color="#a3172a", ha="right", bbox=halo()
        )
    left, bottom, right, top = shapely.total_bounds(np.asarray(counties.geometry))
    both[0].set(xlim=(left, right), ylim=(bottom, top))
    both[1].set(xlim=near[::2], ylim=near[1::2])
    both[0].plot(*np.asarray(window.exterior.coords).T, color="#1f4e8c", lw=1.0)
    handles = [
        Patch(facecolor=colors[k][0], edgecolor=colors[k][1], label=names[k]) for k in sorted(set(kinds.tolist()))
    ]
    both[0].legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 0.06), fontsize=8)
    return figure


def main() -> None:
    """Draw one picture of each theme."""
    if len(sys.argv) != 3:
        sys.exit("python docs/gallery/zones.py REGION OUTDIR")
    region, folder = load_region(Path(sys.argv[1])), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    prepare()
    for theme in THEMES:
        save(picture(region, theme), folder / f"{theme.replace('_', '-')}.png")


if __name__ == "__main__":
    main()
