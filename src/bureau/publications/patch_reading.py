"""
Disturbance patches out of a file that was converted (读取扰动图斑): columns by a mapping, words by the dictionaries.

All that is wrong is found at once. Nothing here opens what somebody uploaded; the file is one that our own child wrote, in
longitude and latitude.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bureau.publications.patch_words import code_of, fields, least_hm2
from bureau.regions.models import Level, Region
from shuibao.ground.grid import national_crs
from shuibao.ground.transforming import between
from shuibao.ground.vectors import read_vectors

SHOWN = 5
"""Examples that a finding names (chosen)."""
DIFFERS = 0.1
"""By how much a stated area may differ from that of the shape before it is pointed out, as a share (chosen)."""
LENGTHS = {"number": 60, "batch": 40, "project": 200, "address": 200, "note": 2000}


@dataclass(frozen=True)
class Found:
    """
    What is to be said of a file (检查发现).

    Attributes
    ----------
    wrong : bool
        Whether it keeps the patches from being published.
    text : str
    """

    wrong: bool
    text: str


@dataclass
class PatchLayer:
    """
    Patches that were read (已读的扰动图斑).

    Attributes
    ----------
    columns : dict of str to list
        Values of each patch, by the names of :class:`bureau.publications.models.Patch`.
    shapes : array of shapely geometry
        In longitude and latitude.
    findings : list of Found
    unknown : dict of str to dict of str to int
        Words that no dictionary has, and how many patches have them, by column.
    """

    columns: dict[str, list[Any]]
    shapes: NDArray[Any]
    findings: list[Found] = field(default_factory=list)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def good(self) -> bool:
        """Return whether nothing keeps them from being published (可发布)."""
        return not any(found.wrong for found in self.findings)

    @property
    def called(self) -> list[str]:
        """Return what each patch is called: its number, or else its place in the file (图斑称呼)."""
        return [number or f"第 {k} 个" for k, number in enumerate(self.columns["number"], 1)]

    def content(self) -> str:
        """Return the SHA-256 over all that is published (内容校验和)."""
        digest = hashlib.sha256(json.dumps(self.columns, sort_keys=True, default=str, ensure_ascii=False).encode())
        for wkb in shapely.to_wkb(self.shapes):
            digest.update(wkb)
        return digest.hexdigest()


@dataclass(frozen=True)
class Meaning:
    """
    What a file's columns and words mean (字段与字典对照).

    Attributes
    ----------
    columns : mapping of str to str
        Column of the file by our key.
    words : mapping of str to mapping of str to str
        Codes of words that the dictionaries do not have, by column.
    batch : str
        Batch of patches that name none.
    before, after : date or None
        Dates of the images, of patches that name none.
    """

    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    batch: str = ""
    before: date | None = None
    after: date | None = None


def read_patches(path: Path, meaning: Meaning, region: Region) -> PatchLayer:
    """
    Read patches, and find all that is wrong with them (读取扰动图斑).

    Parameters
    ----------
    path : Path
        GeoPackage in longitude and latitude.
    meaning : Meaning
    region : Region
        All patches must lie in it.
    """
    vectors = read_vectors(path)
    count = len(vectors.geometry)
    layer = PatchLayer({}, vectors.geometry)
    raw = {key: _texts(vectors.columns[column]) for key, column in meaning.columns.items() if column in vectors.columns}
    for known in fields():
        if known.needed and known.key not in raw:
            layer.findings.append(Found(True, f"没有{known.name}列；请在下面指定文件里的哪一列是{known.name}。"))
        elif known.dictionary:
            values = raw.get(known.key, [""] * count)
            layer.columns[known.key] = _coded(layer, known.key, known.dictionary, values, meaning)
    empty = [""] * count
    for key in ("number", "project", "address", "note"):
        layer.columns[key] = [text[: LENGTHS[key]] for text in raw.get(key, empty)]
    layer.columns["batch"] = [text[: LENGTHS["batch"]] or meaning.batch for text in raw.get("batch", empty)]
    layer.columns["stated_hm2"] = _numbers(layer, "扰动面积", raw.get("area", empty))
    layer.columns["over_hm2"] = _numbers(layer, "超出面积", raw.get("over", empty))
    _date(layer, "image_before", "前时相日期", raw.get("before", empty), meaning.before)
    _date(layer, "image_after", "后时相日期", raw.get("after", empty), meaning.after)
    pairs = zip(layer.columns["confirmed"], layer.columns["compliance"], strict=True)
    layer.columns["verdict"] = [confirmed or said for confirmed, said in pairs]
    layer.columns["area_m2"] = area_of(layer.shapes)
    layer.columns["county"] = _counties(layer, raw.get("county", empty), region)
    _check_numbers(layer)
    _check_areas(layer)
    _check_dates(layer)
    if not count:
        layer.findings.append(Found(True, "文件里没有图斑；请核对图层后再上传。"))
    return layer


def _texts(values: NDArray[Any]) -> list[str]:
    """Return values as text; whole numbers without a point, nothing for none."""
    found = []
    for value in values.tolist():
        if value is None or value != value:
            found.append("")
        elif isinstance(value, float) and value.is_integer():
            found.append(str(int(value)))
        else:
            found.append(str(value).strip())
    return found


def _coded(layer: PatchLayer, key: str, name: str, values: Sequence[str], meaning: Meaning) -> list[str]:
    """Return the codes of words; those that are not known are told."""
    own = meaning.words.get(key, {})
    codes = {text: own.get(text) or code_of(name, text) for text in set(values)}
    lost = Counter(text for text in values if codes[text] is None)
    if lost:
        label = next(f.name for f in fields() if f.key == key)
        said = "、".join(f"“{text[:20]}”{number} 个" for text, number in lost.most_common(SHOWN))
        layer.unknown[key] = dict(lost.most_common(40))
        layer.findings.append(Found(True, f"{label}有字典里没有的写法：{said}；请在下面逐一对照，或改正文件后再上传。"))
    return [codes[text] or "" for text in values]


def _numbers(layer: PatchLayer, label: str, values: Sequence[str]) -> list[float | None]:
    found: list[float | None] = []
    lost = []
    for text in values:
        try:
            number = float(text) if text else None
        except ValueError:
            number = float("nan")
        if number is not None and not 0 <= number < float("inf"):
            number = None
            lost.append(text)
        found.append(number)
    if lost:
        layer.findings.append(
            Found(True, f"{label}有不是数的值或负数：{_some(lost)}；应为不小于 0 的公顷数，请改正后再上传。")
        )
    return found


def _date(layer: PatchLayer, key: str, label: str, values: Sequence[str], otherwise: date | None) -> None:
    """Read a column of dates; empty ones are those said for the whole file."""
    found: list[date | None] = []
    lost = []
    for text in values:
        at = _day(text) if text else otherwise
        if text and at is None:
            lost.append(text)
        found.append(at)
    if lost:
        layer.findings.append(Found(True, f"{label}读不懂：{_some(lost)}；应形如 2024-05-01、2024/5/1 或 20240501。"))
    layer.columns[key] = found


def _day(text: str) -> date | None:
    """
    Return a day as files write it; None if it is none (日期).

    Examples
    --------
    >>> _day("20240501") == _day("2024/5/1") == _day("2024-05-01T00:00:00") == date(2024, 5, 1), _day("2024")
    (True, None)
    """
    head = text.split("T")[0].split(" ")[0].replace("/", "-").replace(".", "-")
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(head, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def area_of(shapes: NDArray[Any]) -> list[float]:
    """
    Return the areas of shapes in longitude and latitude, m², on the national equal-area grid (图形面积).

    Parameters
    ----------
    shapes : array of shapely geometry
    """
    change = between("EPSG:4490", national_crs())

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return [round(float(area), 2) for area in shapely.area(shapely.transform(shapes, moved))]


def _counties(layer: PatchLayer, stated: Sequence[str], region: Region) -> list[str]:
    """Return the county of each patch: the one that is stated, or else the one that its middle lies in."""
    own = list(Region.objects.filter(code__startswith=region.prefix, level=Level.COUNTY))
    codes = {county.code for county in own}
    lying = _lying(layer.shapes, own)
    found = [text[:6] if text[:6] in codes else at for text, at in zip(stated, lying, strict=True)]
    wrong = [text for text in stated if text and text[:6] not in codes]
    outside = [number for number, code in zip(layer.called, found, strict=True) if not code]
    differs = [
        number for number, code, at in zip(layer.called, found, lying, strict=True) if at and code and at != code
    ]  # fmt: skip
    if wrong:
        layer.findings.append(Found(True, f"县代码不属于{region.name}：{_some(wrong)}；请核对行政区，或改正后再上传。"))
    if outside:
        layer.findings.append(
            Found(True, f"{len(outside)} 个图斑不在{region.name}各县界线内：{_some(outside)}；请核对坐标系与行政区。")
        )
    if differs:
        layer.findings.append(
            Found(False, f"{len(differs)} 个图斑的县代码与其位置所在的县不同：{_some(differs)}；以填写的县代码为准。")
        )
    return found


def _lying(shapes: NDArray[Any], counties: list[Region]) -> list[str]:
    """Return the code of the county that holds the middle of each shape; empty where none does."""
    drawn = [county for county in counties if county.border is not None]
    if not drawn or not len(shapes):
        return [""] * len(shapes)
    tree = shapely.STRtree([shapely.from_wkb(bytes(county.border.wkb)) for county in drawn if county.border])
    at, holder = tree.query(shapely.point_on_surface(shapes), predicate="within")
    found = [""] * len(shapes)
    for k, county in zip(at.tolist(), holder.tolist(), strict=True):
        found[k] = drawn[county].code
    return found


def _check_numbers(layer: PatchLayer) -> None:
    numbers = layer.columns["number"]
    lacking = [str(k + 1) for k, number in enumerate(numbers) if not number]
    twice = [number for number, count in Counter(numbers).items() if number and count > 1]
    if lacking and any(numbers):
        layer.findings.append(Found(True, f"{len(lacking)} 个图斑没有编号（第 {_some(lacking)} 个）；请补上后再上传。"))
    if twice:
        layer.findings.append(Found(True, f"{len(twice)} 个图斑编号重复：{_some(twice)}；每个图斑须有自己的编号。"))
    same = [layer.called[k] for k in _repeated(layer.shapes)]
    if same:
        layer.findings.append(Found(False, f"{len(same)} 个图斑的图形与别的图斑完全相同：{_some(same)}。"))


def _repeated(shapes: NDArray[Any]) -> list[int]:
    seen: set[bytes] = set()
    found = []
    for k, wkb in enumerate(shapely.to_wkb(shapes)):
        if wkb in seen:
            found.append(k)
        seen.add(wkb)
    return found


def _check_areas(layer: PatchLayer) -> None:
    least = least_hm2()
    triples = list(zip(layer.called, layer.columns["area_m2"], layer.columns["stated_hm2"], strict=True))
    small = [number for number, area, _ in triples if area < least * 1e4]
    differs = [n for n, area, stated in triples if stated and abs(stated * 1e4 - area) > DIFFERS * area]
    if small:
        layer.findings.append(
            Found(False, f"{len(small)} 个图斑小于 {least:g} hm²（最小图斑面积，草案）：{_some(small)}。")
        )
    if differs:
        layer.findings.append(
            Found(
                False,
                f"{len(differs)} 个图斑的填报面积与图形面积相差超过 {DIFFERS:.0%}：{_some(differs)}；统计以图形面积为准。",
            )
        )


def _check_dates(layer: PatchLayer) -> None:
    triples = zip(layer.called, layer.columns["image_before"], layer.columns["image_after"], strict=True)
    wrong = [number for number, before, after in triples if before and after and before > after]
    if wrong:
        layer.findings.append(Found(True, f"{len(wrong)} 个图斑的前时相晚于后时相：{_some(wrong)}；请改正后再上传。"))


def _some(texts: Sequence[str]) -> str:
    shown = "、".join(text[:30] for text in texts[:SHOWN])
    return shown + (" 等" if len(texts) > SHOWN else "")
