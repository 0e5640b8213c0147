"""What is wrong with a duty in a rule pack: unknown kinds, levels, activities, modalities, no words (义务的检查)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuibao.rules.suggestion import suggestion

DUTY_WORDS = ("kinds", "levels", "within", "activity", "modality", "text", "text_en")
"""What a duty in a key zone says."""

CODE_LENGTHS = (2, 4, 6)
"""Digits of the codes of provinces, cities and counties."""


def duty_complaints(value: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Yield what is wrong with a duty, in Chinese and in English (查义务).

    Parameters
    ----------
    value : mapping
        The duty.
    values : mapping of str to Any
        All values in force, by key: kinds, levels, activities and modalities are looked up there.
    """
    missing, unknown = [word for word in DUTY_WORDS if word not in value], [w for w in value if w not in DUTY_WORDS]
    if missing or unknown:
        yield (
            f"义务缺少 {missing}，或有不认识的 {unknown}；应有：{'、'.join(DUTY_WORDS)}。",
            f"a duty lacks {missing} or has unknown words {unknown}; it has: {', '.join(DUTY_WORDS)}.",
        )
        return
    asked = {"kind": value["kinds"], "level": value["levels"]}
    asked |= {"activity": [value["activity"]], "modality": [value["modality"]]}
    for word, names in asked.items():
        known = [entry["id"] for entry in values.get(f"zone_{word}.classes", [])]
        for name in names:
            if name not in known:
                zh_hint, en_hint = suggestion(name, known)
                yield (
                    f"{word}“{name}”不存在。{zh_hint}可用：{'、'.join(known)}。",
                    f"{word} '{name}' does not exist. {en_hint}Allowed: {', '.join(known)}.",
                )
    for code in value["within"]:
        if not (isinstance(code, str) and code.isdigit() and len(code) in CODE_LENGTHS):
            yield (
                f"within 中的“{code}”不是行政区代码前缀；应为 2、4 或 6 位数字的文字。",
                f"'{code}' in within is no beginning of a county code; give 2, 4 or 6 digits as text.",
            )
    for word in DUTY_WORDS[-2:]:
        if not str(value[word]).strip():
            yield f"{word} 是空的。请写明义务。", f"{word} is empty. Say what the duty is."
