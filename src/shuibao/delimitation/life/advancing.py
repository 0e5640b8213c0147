"""Moving zones on to another stage, which is a record like any other (推进阶段)."""

from __future__ import annotations

from pathlib import Path

from shuibao.delimitation.life.edits import Act
from shuibao.delimitation.life.evidence import attached
from shuibao.delimitation.life.journal import Record, append, journal_for
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.requirements import refuse_unready
from shuibao.delimitation.life.stages import Stage, current_stage, office_of, refuse_leap
from shuibao.delimitation.life.versions import CURRENT, layer_of, rebuilt, take_up, versions_of, write_derived
from shuibao.rules import Rules


def advance(region_folder: Path, theme: str, to: Stage, act: Act, rules: Rules) -> Record:
    """
    Move zones on to a stage, or back to one (推进阶段).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    to : Stage
        The stage.
    act : Act
        Who, when, note, evidence.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If the stage may not follow, the date lies before that of a record, or something that it requires is open.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        stage = current_stage(records, rules)
        refuse_leap(stage, to, rules)
        refuse_unready(folder, records, to, rules)
        evidence = attached(folder, act.evidence)
        records = take_up(folder, records, layer_of(folder, records), by=act.by, on=act.on)
        version = versions_of(records)[-1]
        if not (folder / CURRENT).exists():
            write_derived(folder, records, rebuilt(folder, version))
        content = {
            **act.written(), "evidence": evidence, "from": stage.id,
            "to": to.id, "office": office_of(theme, to, rules), "version": version.number, "layer_sha256": version.layer,
        }  # fmt: skip
        return append(folder, "stage", content, records=records)
