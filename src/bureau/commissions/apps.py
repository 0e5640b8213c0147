"""The app of commissions (计算委托)."""

from typing import ClassVar

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class CommissionsConfig(AppConfig):
    """Commissions (计算委托)."""

    name = "bureau.commissions"
    label = "commissions"
    verbose_name = "计算委托"
    navigation = (Entry("计算委托", "commissions:list", "run", order=20),)
    panels = ("bureau.commissions.panels.awaiting",)
    words: ClassVar = {
        "region": "区域",
        "level": "级别",
        "codes": "区划代码",
        "year": "年份",
        "cell": "像元（米）",
        "rules": "规则包",
        "simulated": "模拟数据",
        "members": "包内文件",
        "findings": "检查结果",
        "wrong": "是错误",
        "where": "所在",
        "text": "说明",
        "errors": "错误数",
        "warnings": "提醒数",
        "features": "要素数",
        "crs": "坐标系",
        "rows": "行数",
        "width": "宽（像元）",
        "height": "高（像元）",
        "dtype": "数值类型",
        "bounds": "四至",
        "bands": "波段数",
        "hidden": "隐去的列",
        "dropped": "没有收下的列",
        "samples": "列中举例",
        "patches": "图斑",
    }
