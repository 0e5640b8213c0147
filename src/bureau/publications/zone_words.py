"""What a zone was drawn under, in words (划定依据用语): the rule packs' own names in the place of their keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bureau.publications.classes import rules_of
from shuibao.rules import Parameter, Rules
from shuibao.zoning.prevention_treatment_reasons import SIGNS, UNITS
from shuibao.zoning.prevention_treatment_rules import unit_rules

_TABLE = re.compile(r"\b(key_zone_rule|fragile_rule): (\w+(?:、\w+)*)")
_VALUE = re.compile(r"\b([a-z_]+\.[a-z_]+)=([^；（\s]+)")
_KEY = re.compile(r"\b[a-z_]+\.[a-z_]+\b")


def basis_in_words(basis: str, packs: Sequence[str]) -> str:
    """
    Return what a zone was drawn under as people read it (划定依据).

    Parameters
    ----------
    basis : str
        As the layer of zones has it: keys of rules, documents, and which are drafts. Words of people stay as they are,
        and keys that the packs do not have.
    packs : sequence of str
        Rule packs of the publication.

    Examples
    --------
    >>> basis_in_words("steep_slope.angle=20°；吉林省水土保持条例", ["jilin"])
    '禁止开垦坡度 20°；吉林省水土保持条例'
    >>> basis_in_words("key_zone_rule: treatment_gully（办水保〔2024〕2号，草案）；key_zone.enclave_area", ["national"])
    '沟壑密度 ≥ 3 km/km²（办水保〔2024〕2号，草案）；并入的内部空洞面积上限 20 km²'
    >>> basis_in_words("fragile_rule: bare_rock（本软件的约定，草案）", ["national"])
    '坡地裸岩石砾地（本软件的约定，草案）'
    """
    return _in_words(basis, tuple(packs))


@lru_cache(maxsize=4096)
def _in_words(basis: str, packs: tuple[str, ...]) -> str:
    rules = rules_of(packs)
    known = {parameter.key: parameter for parameter in rules.parameters()}
    units = _units(rules)

    def of_table(found: re.Match[str]) -> str:
        keys = [f"{found[1]}.{name}" for name in found[2].split("、")]
        told = [units.get(key) or (known[key].name if key in known else key) for key in keys]
        return "、".join(told)

    def of_value(found: re.Match[str]) -> str:
        one = known.get(found[1])
        return f"{one.name} {_classes(rules).get(found[2], found[2])}" if one else found[0]

    def of_key(found: re.Match[str]) -> str:
        return _named(known[found[0]]) if found[0] in known else found[0]

    return _KEY.sub(of_key, _VALUE.sub(of_value, _TABLE.sub(of_table, basis)))


def _units(rules: Rules) -> dict[str, str]:
    """Return the rules on small watersheds, each as its index and threshold."""
    return {
        rule.key: f"{rule.index.name} {SIGNS[rule.operator]} {rule.threshold:g} "
        f"{UNITS.get(rule.index.unit, rule.index.unit)}".strip()
        for rule in unit_rules(rules)
    }  # fmt: skip


def _classes(rules: Rules) -> dict[str, str]:
    """Return the names of the classes of intensity by their ids."""
    return {str(one["id"]): str(one["name"]) for one in rules.value("erosion_intensity.classes")}


def _named(parameter: Parameter) -> str:
    """Return the name of a rule, and its value if that is a number."""
    value = parameter.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return parameter.name
    unit = {"km2": "km²", "hm2": "hm²", "deg": "°", "1": ""}.get(parameter.unit, parameter.unit)
    return f"{parameter.name} {value:g} {unit}".strip()
