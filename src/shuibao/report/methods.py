"""How the results were made: the equation, its factors, every parameter (方法)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from shuibao.report.bilingual import Text, html, number
from shuibao.report.bulletin import Bulletin
from shuibao.report.parameter_words import unit_text
from shuibao.rules.citation import BASES

MathML = str

_LETTERS = "RKLSBET"


def methods_html(bulletin: Bulletin) -> str:
    """
    Return the methods: equation, factors, intensity, rate, zone (方法 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    rows = "".join(
        f'<tr><th scope="row"><var>{letter}</var></th><td>{html(name)}<small class="unit">{escape(unit)}</small></td>'
        f"<td>{formula}</td><td>{html(how)}</td></tr>"
        for letter, name, unit, formula, how in _factors(bulletin)
    )
    heads = (Text("因子", "Factor"), Text("名称与单位", "Name and unit"), Text("公式", "Formula"), Text("本次", "Here"))
    head = "".join(f'<th scope="col">{html(h)}</th>' for h in heads)
    return (
        f"<p>{html(_EQUATION)}</p>{_equation()}"
        f'<div class="scroll"><table class="factors"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"<p>{html(_facts_text(bulletin))}</p>"
    )


_EQUATION = Text(
    "土壤流失量按中国土壤流失方程（CSLE）逐像元计算，A 为土壤侵蚀模数，t/(hm²·a)，图表中换算为 t/(km²·a)：",
    "Soil loss is computed cell by cell with the Chinese soil loss equation (CSLE); A is in t/(hm²·a), shown as t/(km²·a):",
)


def _math(body: MathML, *, block: bool = False) -> str:
    kind = ' display="block"' if block else ""
    return f'<math displaystyle="true"{kind}>{body}</math>'


def _i(letter: str) -> MathML:
    return f"<mi>{letter}</mi>"


def _o(sign: str) -> MathML:
    return f"<mo>{sign}</mo>"


def _row(*parts: MathML) -> MathML:
    return f"<mrow>{''.join(parts)}</mrow>"


def _sub(base: MathML, below: MathML) -> MathML:
    return f"<msub>{base}{below}</msub>"


def _sup(base: MathML, above: MathML) -> MathML:
    return f"<msup>{base}{above}</msup>"


def _equation() -> str:
    product = _o("⋅").join(_i(letter) for letter in _LETTERS)
    return f'<div class="equation">{_math(_row(_i("A"), _o("="), product), block=True)}</div>'


def _erosivity() -> MathML:
    years = f"<munder>{_o('∑')}{_i('y')}</munder>"
    days = f"<munder>{_o('∑')}{_row(_sub(_i('P'), _i('d')), _o('≥'), _sub(_i('P'), '<mn>0</mn>'))}</munder>"
    rain = _sup(_sub(_i("P"), _i("d")), _i("γ"))
    return _math(_row(_i("R"), _o("="), f"<mfrac><mn>1</mn>{_i('N')}</mfrac>", years, days, _i("α"), rain))


def _length() -> MathML:
    above, below = (
        _row(_sup(_sub(_i("λ"), _i(end)), _row(_i("m"), _o("+"), "<mn>1</mn>")) if end else "") for end in ("out", "in")
    )
    over = _row(above, _o("−"), below)
    under = _row(
        _o("("),
        _sub(_i("λ"), _i("out")),
        _o("−"),
        _sub(_i("λ"), _i("in")),
        _o(")"),
        _sup(_sub(_i("λ"), _i("0")), _i("m")),
    )
    return _math(_row(_i("L"), _o("="), f"<mfrac>{over}{under}</mfrac>"))


def _steepness() -> MathML:
    return _math(_row(_i("S"), _o("="), _i("a"), "<mi>sin</mi>", _i("θ"), _o("+"), _i("b")))


def _cover() -> MathML:
    loss, weight = _sub(_i("SLR"), _i("k")), _sub(_i("WR"), _i("k"))
    total = f"<munderover>{_o('∑')}<mrow>{_i('k')}{_o('=')}<mn>1</mn></mrow><mn>24</mn></munderover>"
    return _math(_row(_i("B"), _o("="), total, loss, weight))


def _factors(bulletin: Bulletin) -> list[tuple[str, Text, str, str, Text]]:
    return [
        ("R", Text("降雨侵蚀力", "Rainfall erosivity"), "MJ·mm/(hm²·h·a)", _erosivity(), _rain_text(bulletin)),
        ("K", Text("土壤可蚀性", "Soil erodibility"), "t·hm²·h/(hm²·MJ·mm)", "EPIC", _soil_text(bulletin)),
        ("L", Text("坡长", "Slope length"), "", _length(), Text(
            "沿 D8 流向分段，坡度骤减处截断，有坡长上限；λ 为段首、段末的水平坡长。",
            "By segments along D8 flow, cut where the slope falls off, capped; λ is the plan length at a segment's ends.",
        )),
        ("S", Text("坡度", "Slope steepness"), "", _steepness(), Text("Horn 坡度；系数随坡度分段。", "Horn slope; a, b by branch.")),
        ("B", Text("植被覆盖与生物措施", "Cover"), "", _cover(), _cover_text(bulletin)),
        ("E", Text("工程措施", "Engineering measures"), "", html(Text("查表", "Table")), _given_text(bulletin, "measures")),
        ("T", Text("耕作措施", "Tillage"), "", html(Text("查表", "Table")), _given_text(bulletin, "tillage")),
    ]  # fmt: skip


def _rain_text(bulletin: Bulletin) -> Text:
    summary = bulletin.records["rain"].get("summary", {})
    stations = summary.get("stations", [])
    if not stations:
        return _given_text(bulletin, "r_factor")
    years = [year for s in stations for year in s.get("years", [])]
    span = f"{min(years)}–{max(years)}" if years else "—"
    mean, check = summary.get("mean_R"), summary.get("leave_one_out")
    zh = f"{len(stations)} 站日雨量（{span}），内插 {summary.get('method')}，全区平均 {number(mean, 1)}"
    en = f"Daily rain of {len(stations)} stations ({span}), {summary.get('method')}, mean {number(mean, 1)}"
    if check:
        zh += f"；逐站检验偏差 {number(check['bias'], 1)}、均方根误差 {number(check['rmse'], 1)}"
        en += f"; leave one out: bias {number(check['bias'], 1)}, RMSE {number(check['rmse'], 1)}"
    return Text(zh + "。", en + ".")


def _soil_text(bulletin: Bulletin) -> Text:
    summary = bulletin.records["soil"].get("summary", {})
    if summary.get("from") == "given":
        return _given_text(bulletin, "soil_k")
    mean = number(summary.get("mean_K"), 4)
    return Text(f"{summary.get('from')}，平均 {mean}。", f"{summary.get('from')}, mean {mean}.")


def _cover_text(bulletin: Bulletin) -> Text:
    summary, given = bulletin.records["cover"].get("summary", {}), bulletin.region.inputs.get("cover", {})
    if "by_land" in given:
        return Text("植被覆盖度按地类给定，不是实测。", "Cover is given by land class, not measured.")
    kinds = {"24 composites": "24 个半月", "one annual layer": "年均一层"}
    source, cell = str(summary.get("from", "")), summary.get("cell")
    wide = f"，{cell:g} m" if cell else ""
    return Text(
        f"{kinds.get(source, source)}{wide}；WR 为半月侵蚀力比例。",
        f"{source}{wide.replace('，', ', ')}; WR: half-month share of R.",
    )


def _given_text(bulletin: Bulletin, name: str) -> Text:
    given = bulletin.region.inputs.get(name)
    if not given:
        return Text("没有给出，取 1。", "Not given: 1.")
    note = f"（{given['note']}）" if given.get("note") else ""
    if "value" in given:
        return Text(f"全区取 {given['value']}{note}。", f"{given['value']} everywhere.")
    return Text(f"用户给定的图{note}。", "A map given by the user.")


def _facts_text(bulletin: Bulletin) -> Text:
    return Text(
        "强度按侵蚀模数分级，每级含下限、不含上限；轻度及以上计为水土流失。每个像元只计一次，面积与流失量（以整克计）逐像元累加，"
        "故县、地类、坡度级各表的合计相同。禁止开垦陡坡地：坡度与地类符合规定的像元，合并小间隙、去除狭条，取不小于最小面积的连片图斑。",
        "Classes hold their lower edge; slight and above count as eroded. Each cell is counted once, and areas and soil loss "
        "(in whole grams) are added up, so that the sums of all tables agree. Steep-slope zone: cells of the slope and land "
        "classes of the rule, gaps closed, slivers dropped, patches of at least the minimum area.",
    )


def parameters_html(bulletin: Bulletin) -> str:
    """
    Return every parameter with value, unit, pack, source, clause and status (参数表 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    heads = (
        Text("参数", "Parameter"), Text("值", "Value"), Text("单位", "Unit"), Text("规则包", "Pack"),
        Text("来源、条款", "Source, clause"), Text("状态", "Status"),
    )  # fmt: skip
    head = "".join(f'<th scope="col">{html(h)}</th>' for h in heads)
    body = "".join(_parameter(p) for p in bulletin.parameters)
    widths = "".join(f'<col style="width:{share}%">' for share in (25, 17, 10, 9, 28, 11))
    table = f"<colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table class="parameters">{table}</table></div>'


def _parameter(p: Mapping[str, Any]) -> str:
    draft = p["status"] != "verified"
    basis = Text(*BASES.get(p["basis"], (p["basis"], p["basis"])))
    status = Text("草案", "draft") if draft else Text("已核对", "verified")
    clause = f" · {escape(p['clause'])}" if p["clause"] else ""
    note = f'<small class="remark zh" lang="zh">{escape(p["note"])}</small>' if p["note"] else ""
    return (
        f'<tr{" class=is-draft" if draft else ""}><th scope="row">{html(Text(p["name"], p["name_en"] or p["name"]))}'
        f"<code>{escape(p['key'])}</code></th><td>{value_html(p['value'])}</td><td>{html(unit_text(p['unit']))}</td>"
        f"<td><code>{escape(p['pack'])}</code></td><td>{html(Text(p['source'], p['source_en']))}{clause}{note}</td>"
        f'<td><span class="tag {"draft" if draft else "verified"}">{html(status)}</span><small>{html(basis)}</small></td></tr>'
        f"{_more(p['value'], draft)}"
    )


def value_html(value: Any) -> str:
    """
    Return a parameter's value as people read it; of a table, how many entries it has (参数值).

    Parameters
    ----------
    value : Any
        Number, text, truth value, list or mapping.

    Examples
    --------
    >>> value_html([2, 5.5])
    '2，5.5'
    """
    if isinstance(value, bool):
        return html(Text("是", "yes") if value else Text("否", "no"))
    if _is_table(value):
        return html(Text(f"{len(value)} 项，见下", f"{len(value)} entries, below"))
    if isinstance(value, list):
        return "，".join(value_html(v) for v in value)
    return escape(f"{value:g}" if isinstance(value, float) else str(value))


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(v, Mapping) for v in value))


def _more(value: Any, draft: bool) -> str:
    """Return the row that folds a table's entries."""
    if not _is_table(value):
        return ""
    if isinstance(value, Mapping):
        inside = "<p>" + "；".join(f"{escape(str(k))} = {value_html(v)}" for k, v in value.items()) + "</p>"
    else:
        inside = _entries([v for v in value if isinstance(v, Mapping)])
    summary = html(Text(f"展开 {len(value)} 项", f"Show {len(value)} entries"))
    kind = "more is-draft" if draft else "more"
    return f'<tr class="{kind}"><td colspan="6"><details><summary>{summary}</summary>{inside}</details></td></tr>'


def _entries(entries: list[Mapping[str, Any]]) -> str:
    keys = [key for key in dict.fromkeys(k for e in entries for k in e) if key not in ("note", "name_en")]
    head = "".join(f"<th>{escape(key)}</th>" for key in keys)
    cells = [[f"<td>{value_html(entry.get(key, '—'))}</td>" for key in keys] for entry in entries]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return f'<table class="entries"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
