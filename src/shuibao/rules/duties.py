"""
What follows from lying in a key zone: duties and prohibitions, each with its clause (义务与禁止).

They stand in the packs as values of the table ``zone_duty``: a province's pack adds its own or overrides one by its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shuibao.messages import say
from shuibao.rules.citation import Parameter
from shuibao.rules.rulebook import Rules

TABLE = "zone_duty"
"""Table of the packs that holds the duties."""


@dataclass(frozen=True)
class Place:
    """
    One zone that land lies in, as far as duties ask (所在区域).

    Parameters
    ----------
    kind : str
        Kind of the zone.
    level : str
        Its level; empty if it is not known.
    county : str
        GB/T 2260 code of its county; empty if it is not known.
    """

    kind: str
    level: str = ""
    county: str = ""


@dataclass(frozen=True)
class Duty:
    """
    One duty or prohibition (义务或禁止).

    Parameters
    ----------
    id : str
        Its key in the packs.
    kinds, levels : tuple of str
        Kinds and levels of zone that it holds in; empty for all. A duty of no kind holds everywhere, zone or not.
    within : tuple of str
        Beginnings of the county codes where it holds; empty for all.
    activity : str
        What it is about: one of ``zone_activity.classes``.
    modality : str
        What it demands: one of ``zone_modality.classes``.
    text, text_en : str
        Its words.
    ground : Parameter
        Source, clause, status and basis.
    """

    id: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    within: tuple[str, ...]
    activity: str
    modality: str
    text: str
    text_en: str
    ground: Parameter

    @property
    def draft(self) -> bool:
        """Return whether the duty was not read in its source, or not as it stands here (是否草案)."""
        return self.ground.status != "verified"

    def holds_in(self, place: Place) -> bool:
        """
        Return whether the duty follows from a zone (是否适用).

        Parameters
        ----------
        place : Place
            The zone. Where its level is not known, a duty of some levels only holds: better said than missed.
        """
        return (
            (not self.kinds or place.kind in self.kinds)
            and (not self.levels or not place.level or place.level in self.levels)
            and (not self.within or place.county.startswith(self.within))
        )


def all_duties(rules: Rules) -> list[Duty]:
    """
    Return the duties of the packs in force, the strictest first (全部义务).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.

    Returns
    -------
    list of Duty
        By modality as ``zone_modality.classes`` has them, then by activity, then by key.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> all_duties(load_rules(["national"]))[0].modality
    'forbidden'
    """
    modalities = [entry["id"] for entry in rules.value("zone_modality.classes")]
    activities = [entry["id"] for entry in rules.value("zone_activity.classes")]
    found = [_duty(name, rules[f"{TABLE}.{name}"]) for name in rules.table(TABLE)]
    return sorted(found, key=lambda d: (modalities.index(d.modality), activities.index(d.activity), d.id))


def duties_of(duties: Sequence[Duty], places: Iterable[Place], *, counties: Iterable[str] = ()) -> list[Duty]:
    """
    Return the duties that follow from some zones: the union of what follows from each (应履行的义务).

    Parameters
    ----------
    duties : sequence of Duty
        All that there are.
    places : iterable of Place
        The zones that the land lies in.
    counties : iterable of str
        Codes of the counties that the land lies in, for what holds everywhere in them.

    Returns
    -------
    list of Duty
        Each once, in the order of ``duties``. What holds everywhere is among them, zone or not.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> every = all_duties(load_rules(["national"]))
    >>> [d.id for d in duties_of(every, [Place("steep_slope")]) if d.kinds][0]
    'law_steep_cultivation'
    """
    asked = list(places)
    around = [Place("", "", county) for county in (*counties, *(place.county for place in asked))] or [Place("")]
    return [duty for duty in duties if any(duty.holds_in(place) for place in (asked if duty.kinds else around))]


def _duty(name: str, ground: Parameter) -> Duty:
    value = ground.value
    return Duty(
        id=name,
        kinds=tuple(value["kinds"]),
        levels=tuple(value["levels"]),
        within=tuple(value["within"]),
        activity=value["activity"],
        modality=value["modality"],
        text=value["text"],
        text_en=value["text_en"],
        ground=ground,
    )


STATUS_NAMES = {"verified": ("已读", "read"), "draft": ("草案", "draft")}
"""What the status of a duty is called."""


def duty_row(duty: Duty, rules: Rules) -> dict[str, str | bool]:
    """
    Return a duty as a row of a table (义务一行).

    Parameters
    ----------
    duty : Duty
        The duty.
    rules : Rules
        Rule packs in force, for the names of activity and modality.

    Returns
    -------
    dict
        ``id``, ``kinds``, ``levels``, ``activity``, ``activity_name``, ``modality``, ``modality_name``, ``text``,
        ``source``, ``clause``, ``status``, ``status_name``, ``basis``, ``pack``, ``note``; texts in the language in force.
    """
    names = {
        (table, entry["id"]): say(entry["name"], entry["name_en"])
        for table in ("zone_activity", "zone_modality")
        for entry in rules.value(f"{table}.classes")
    }
    ground = duty.ground
    return {
        "id": duty.id, "kinds": " ".join(duty.kinds), "levels": " ".join(duty.levels),
        "activity": duty.activity, "activity_name": names["zone_activity", duty.activity],
        "modality": duty.modality, "modality_name": names["zone_modality", duty.modality],
        "text": say(duty.text, duty.text_en), "source": ground.source, "clause": ground.clause,
        "status": ground.status, "status_name": say(*STATUS_NAMES[ground.status]),
        "basis": ground.basis, "pack": ground.pack, "note": ground.note,
    }  # fmt: skip
