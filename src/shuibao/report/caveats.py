"""What was found wanting in a run, and must be told with its results (警告)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuibao.facts.rate import Rate
from shuibao.report.bilingual import Text, number
from shuibao.report.parameter_words import class_names
from shuibao.rules import load_rules
from shuibao.survey.records import read_record
from shuibao.survey.region import Region

Caveat = tuple[str, Text]
"""What a caveat is about, as ``inputs.rain``, and what it says."""

INPUT_NAMES = {
    "dem": Text("高程", "Elevation"),
    "land_use": Text("土地利用", "Land use"),
    "rain": Text("日雨量", "Daily rain"),
    "r_factor": Text("降雨侵蚀力 R", "Erosivity R"),
    "r_weights": Text("半月侵蚀力比例", "Half-month shares of R"),
    "soil_k": Text("土壤可蚀性 K", "Erodibility K"),
    "soil_texture": Text("土壤质地与有机碳", "Soil texture and carbon"),
    "cover": Text("植被覆盖度", "Vegetation cover"),
    "measures": Text("工程措施", "Engineering measures"),
    "tillage": Text("耕作措施", "Tillage"),
    "boundaries": Text("县界", "Boundaries"),
    "control_areas": Text("控制面积", "Control areas"),
    "rivers": Text("河流", "Rivers"),
}
"""Inputs by the name they have in region.toml."""


def warnings_of(region: Region, records: Mapping[str, Mapping[str, Any]], own: Rate) -> list[Text]:
    """
    Return all that is to be told beside the results (汇集警告).

    Parameters
    ----------
    region : Region
        The region folder.
    records : mapping of str to dict
        Records of the steps.
    own : Rate
        Rate of the whole region.
    """
    checked = read_record(region, "check") or {}
    told = [*_told({"check": checked}), *_told(records)]
    known = {where for where, _ in told}
    own_findings = list(_stand_ins(region))
    if not checked:  # a check says these itself
        own_findings += [*_rain(records), *_datum(records)]
    found = [text for _, text in told]
    found += [text for where, text in own_findings if not any(name.startswith(where) for name in known)]
    if own.missing_m2 > 0:
        area = number(own.missing_m2 / 1e6)
        found.append(Text(
            f"{area} km² 的土壤流失量缺测：计入土地面积，不计入水土流失面积。",
            f"soil loss is missing on {area} km²: it counts as land and not as eroded.",
        ))  # fmt: skip
    return list(dict.fromkeys(found))


def _told(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Caveat]:
    """Yield the findings that records hold, errors excepted: those stop a run."""
    for record in records.values():
        summary = record.get("summary", {})
        for holder in (record, summary):
            for key in ("warnings", "findings"):
                for entry in holder.get(key, []):
                    if isinstance(entry, Mapping) and entry.get("severity", "warning") == "warning":
                        where = f"{entry['where']}：" if entry.get("where") else ""
                        text = Text(where + str(entry["zh"]), where.replace("：", ": ") + str(entry["en"]))
                        yield str(entry.get("where", "")), text


def _rain(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Caveat]:
    record = records.get("rain", {})
    stations = record.get("summary", {}).get("stations", [])
    wanted = next((p["value"] for p in record.get("parameters", []) if p["key"] == "erosivity.minimum_years"), None)
    for station in stations:
        years = station.get("years", [])
        if wanted is None or len(years) != 2 or years[1] - years[0] + 1 >= wanted:
            continue
        count = years[1] - years[0] + 1
        yield (
            "inputs.rain",
            Text(
                f"雨量站{station['name']}只有 {count} 年（{years[0]}–{years[1]}），少于多年平均所需的 {wanted} 年。",
                f"rain station {station['name']} has {count} years ({years[0]}–{years[1]}), fewer than the {wanted} a mean needs.",
            ),
        )


def _datum(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Caveat]:
    operations = records["land"].get("summary", {}).get("datum_operations", {})
    for name, (operation, certain) in sorted(operations.items()):
        if not certain:
            word = INPUT_NAMES.get(name, Text(name, name))
            yield (
                f"inputs.{name}",
                Text(
                    f"{word.zh}的大地基准转换没有公开参数（{operation}），位置可能偏差数十米；如有当地参数，请用 datum_shift 给出。",
                    f"{word.en.lower()}: no published datum transformation ({operation}); places may be off by tens of metres. "
                    "Give local parameters as datum_shift if you have them.",
                ),
            )


def _stand_ins(region: Region) -> Iterator[Caveat]:
    """Yield what stands in for a map that was not given."""
    cover = region.inputs.get("cover", {})
    if "by_land" in cover or "value" in cover:
        yield (
            "inputs.cover",
            Text(
                "植被覆盖度不是实测，而是" + ("按地类给定。" if "by_land" in cover else "全区取一个数。"),
                "vegetation cover is not measured but "
                + ("given by land class." if "by_land" in cover else "one number."),
            ),
        )
    for name in ("r_factor", "soil_k", "land_use"):
        given = region.inputs.get(name, {})
        if "value" in given:
            word, value = INPUT_NAMES[name], given["value"]
            zh = class_names(load_rules(region.packs)).get(value, value) if name == "land_use" else value
            yield (
                f"inputs.{name}",
                Text(f"{word.zh}全区取一个值：{zh}。", f"{word.en}: one value everywhere, {value}."),
            )
    if not region.inputs.get("tillage") and not region.inputs.get("measures"):
        yield (
            "inputs.measures",
            Text("没有给出工程措施与耕作措施，E = T = 1。", "no engineering measures and no tillage given: E = T = 1."),
        )
