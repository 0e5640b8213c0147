"""What codes of records are called (记录用词), for pages and for the audit trail."""

from __future__ import annotations

from shuibao.delimitation.life.comments import OUTCOMES, STATES
from shuibao.delimitation.life.journal import RECORD_NAMES

STAGE_CHOICES = (
    ("preliminary", "初步成果"), ("field_review", "实地复核"), ("consultation", "征求意见"), ("adjustment", "调整"),
    ("examination", "审核"), ("announcement", "公告"), ("mapping", "上图入库"),
)  # fmt: skip
"""Stages as the rule pack ``zone-life`` names them; a test holds the two together."""
RECORD_CHOICES = tuple((kind, zh) for kind, (zh, _) in RECORD_NAMES.items())
OPINION_CHOICES = (("adjust", "建议调整"), ("object", "不同意"), ("agree", "同意"))
OUTCOME_CHOICES = tuple((outcome, zh) for outcome, (zh, _) in OUTCOMES.items())
PLACED_CHOICES = tuple((state, zh) for state, (zh, _) in STATES.items())
"""Whether it is known which zones a comment is about."""
