"""Which parameters are drafts, said in groups that a reader knows (草案参数)."""

from __future__ import annotations

from shuibao.report.bilingual import Text, html
from shuibao.report.bulletin import Bulletin

GROUPS: tuple[tuple[tuple[str, ...], Text], ...] = (
    (("erosivity", "rain"), Text("降雨侵蚀力 R", "Erosivity R")),
    (("erodibility", "soil"), Text("土壤可蚀性 K", "Erodibility K")),
    (("slope_length", "length_exponent", "slope_factor"), Text("坡长坡度 L、S", "Topography L, S")),
    (("cover_factor", "soil_loss_ratio"), Text("植被与生物措施 B", "Cover B")),
    (("measure",), Text("工程措施 E", "Measures E")),
    (("tillage",), Text("耕作措施 T", "Tillage T")),
    (("land_class", "scheme"), Text("地类", "Land classes")),
    (("slope_class", "cover_class"), Text("坡度与盖度分级", "Slope and cover classes")),
    (("erosion_intensity", "tolerable_loss"), Text("侵蚀强度", "Intensity")),
    (("steep_slope",), Text("禁止开垦陡坡地", "Steep-slope zone")),
    (("watershed", "conditioning", "stream_burning"), Text("汇流与小流域", "Drainage and small watersheds")),
    (("conservation_rate",), Text("水土保持率", "Conservation rate")),
)
"""Groups of parameters, by how their keys begin."""

OTHER = Text("其他", "Other")


def group_of(key: str) -> Text:
    """
    Return the group of a parameter (参数分组).

    Examples
    --------
    >>> group_of("measure.check_dam").zh, group_of("carbon.stock").zh
    ('工程措施 E', '其他')
    """
    return next((name for starts, name in GROUPS if key.startswith(starts)), OTHER)


def draft_lead(bulletin: Bulletin) -> Text:
    """
    Return how many of the parameters are drafts, and what that means (草案说明).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    drafts, every = len(bulletin.drafts), len(bulletin.parameters)
    if not drafts:
        return Text(f"所用 {every} 项参数均已核对。", f"All {every} parameters used are verified.")
    return Text(
        f"所用 {every} 项参数中，{drafts} 项为草案（凭记忆、转引、读自程序或由本软件选定），据此决策前须核对标准原文。",
        f"Of {every} parameters used, {drafts} are drafts (recalled, quoted, read in programs or chosen here), to be checked "
        "against the printed standards before a decision rests on them.",
    )


def draft_list(bulletin: Bulletin) -> str:
    """
    Return the drafts by group as HTML (草案清单 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    groups: dict[str, tuple[Text, list[str], list[str]]] = {}
    for parameter in bulletin.drafts:
        group = group_of(parameter["key"])
        _, zh, en = groups.setdefault(group.zh, (group, [], []))
        zh.append(parameter["name"])
        en.append(parameter["name_en"] or parameter["name"])
    rank = {name.zh: k for k, (_, name) in enumerate(GROUPS)}
    rows = [
        f"<dt>{html(group)}<small>{len(zh)}</small></dt><dd>{html(Text('、'.join(zh), '; '.join(en)))}</dd>"
        for group, zh, en in sorted(groups.values(), key=lambda entry: rank.get(entry[0].zh, len(rank)))
    ]
    return f'<dl class="drafts">{"".join(rows)}</dl>' if rows else ""


def draft_notice(bulletin: Bulletin) -> str:
    """
    Return the notice that says which parameters are drafts, or nothing if none is (草案提示 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    if not bulletin.drafts:
        return ""
    title = html(Text("草案参数", "Draft parameters"))
    link = f'<a href="#parameters">{html(Text("逐项见“参数”", "one by one under Parameters"))}</a>'
    return (
        f'<div class="notice draft"><strong>{title}</strong><p>{html(draft_lead(bulletin))} {link}</p>'
        f"{draft_list(bulletin)}</div>"
    )
