"""First version."""

from __future__ import annotations

from collections.abc import Mapping

from shuibao.messages import Finding
from shuibao.rules.citation import Citation, Parameter
from shuibao.rules.pack import Pack


def check_form(pack: Pack, sources: Mapping[str, Citation]) -> list[Finding]:
    """Check form (查格式)."""
    return []


def check_content(pack: Pack, earlier: Mapping[str, Parameter]) -> list[Finding]:
    """Check content (查内容)."""
    return []
