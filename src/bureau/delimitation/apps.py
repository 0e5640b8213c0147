"""The app of zones under review (划定)."""

from typing import ClassVar

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class DelimitationConfig(AppConfig):
    """Zones under review (划定)."""

    name = "bureau.delimitation"
    label = "delimitation"
    verbose_name = "区域划定"
    navigation = (Entry("区域划定", "delimitation:list", "zone", order=30),)
    panels = ("bureau.delimitation.panels.awaiting",)
    words: ClassVar = {
        "zones": "区域数",
        "accepted": "可以采用",
        "counts": "各类问题",
        "severities": "各级问题",
        "faults": "问题",
        "severity": "级别",
        "severity=error": "错误",
        "severity=warning": "警告",
        "severity=note": "说明",
        "error": "错误",
        "warning": "警告",
        "kind": "种类",
        "code": "编号",
        "lon": "经度",
        "lat": "纬度",
        "found": "发现",
        "allowed": "允许",
        "mend": "怎么改",
        "sha256": "校验值",
        "size": "大小（字节）",
        "path": "位置",
    }
    words_from = ("bureau.delimitation.parameters.names",)
