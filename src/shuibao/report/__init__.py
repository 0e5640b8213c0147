"""report 公报: one page and one workbook that tell what a survey found, how, and from what."""

from shuibao.report.making import make_report

__all__ = ["make_report"]
