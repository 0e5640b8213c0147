"""The app of published results (成果发布)."""

from typing import ClassVar

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class PublicationsConfig(AppConfig):
    """Published results (成果发布)."""

    name = "bureau.publications"
    label = "publications"
    verbose_name = "成果发布"
    navigation = (Entry("成果", "publications:list", "publish", order=30),)
    panels = ("bureau.publications.panels.latest",)
    words: ClassVar = {
        "origin": "来自",
        "data_kind": "数据",
        "software": "软件",
        "rule_packs": "规则包",
        "rules_sha256": "规则包校验值",
        "cell_m": "像元（米）",
        "erosion_region": "侵蚀类型区",
        "boundaries": "行政界线",
        "note": "说明",
        "inputs": "输入文件",
        "products": "成果文件",
        "drafts": "草案参数",
        "pack": "规则包",
        "clause": "条款",
        "source": "出处",
        "status": "状态",
        "status=draft": "草案",
        "status=verified": "已核对",
        "words": "字典",
        "layer": "图层说明",
        "extent": "划定时覆盖的土地（m²）",
        "key": "代号",
        "name": "名称",
        "file": "文件",
        "file_sha256": "文件校验值",
        "columns": "列对照",
        "meant": "字典对照",
        "repaired": "修复的图形",
        "telephones_left_out": "略去的电话列",
        "YEAR": "年份",
        "REGION": "地区",
        "SOFTWARE": "软件",
        "DATA_KIND": "数据",
        "RULE_PACKS": "规则包",
        "RULES_SHA256": "规则包校验值",
        "RULE_KEYS": "用到的参数",
        "RULE_*": "参数",
        "NOTE_*": "说明",
        "INDEX_*": "指标来源",
        "LEFT_*": "未划入",
    }
    words_from = ("bureau.publications.patch_words.names_for_the_trail",)
