"""
Acting on a delimitation (办理): one at a time, on disk first, then in the index.

Whatever shuibao refuses is refused here in the same words, less what speaks of its command line. If the program dies
after the folder was written and before the index was, the index is written at the next act, or by the worker.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from bureau.delimitation.folders import present
from bureau.delimitation.indexing import is_behind, write_index
from bureau.delimitation.models import Delimitation, Status
from bureau.kept_files import stored
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.tasks.evidence import MOST, Kept, keep
from shuibao.delimitation.life.edits import Act
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules, load_rules
from shuibao.survey.region import Region, load_region

_COMMANDS = re.compile(r"[；，、（](?:[^；。，（）\n]*(?:shuibao zones|--[a-z])[^；。\n）]*)）?")
_PATH = re.compile(r"(?<![A-Za-z0-9_./:])/(?:[^\s/；，。：（）、]+/)+")
_OPTION = re.compile(r"[^；。，\n]*(?:shuibao zones|--[a-z])[^；。，\n]*")


@dataclass(frozen=True)
class Ground:
    """
    A delimitation that somebody holds for an act (办理现场).

    Attributes
    ----------
    delimitation : Delimitation
        Locked in the database.
    by : Person
    now : datetime
    bench : Path
        Folder for files on their way in; gone after the act.
    """

    delimitation: Delimitation
    by: Person
    now: datetime
    bench: Path

    @cached_property
    def region(self) -> Region:
        """Return the region folder (区域文件夹)."""
        return load_region(self.delimitation.folder)

    @cached_property
    def rules(self) -> Rules:
        """Return the rules in force (规则)."""
        return load_rules(self.region.packs)

    def act(self, why: str = "", evidence: Sequence[Kept] = ()) -> Act:
        """Return who does it, when, why and on what, as a record holds it (经办)."""
        files = tuple(self._named(k, kept) for k, kept in enumerate(evidence))
        who = f"{self.by.organisation.name} {self.by.name}"
        return Act(who, timezone.localdate(self.now).isoformat(), why.strip(), files)

    def _named(self, k: int, kept: Kept) -> Path:
        """Return a kept file under the name that it came with."""
        place = self.bench / str(k)
        place.mkdir()
        return Path(shutil.copyfile(stored(kept.path), place / kept.name))


@contextmanager
def alone_with(delimitation: Delimitation, *, by: Person, now: datetime) -> Iterator[Ground]:
    """
    Hold a delimitation for an act, and write the index after it (独占办理).

    Parameters
    ----------
    delimitation : Delimitation
    by : Person
    now : datetime

    Raises
    ------
    Refusal
        If it is not open, or shuibao refuses the act.
    """
    with transaction.atomic(), tempfile.TemporaryDirectory(prefix="delimitation-") as bench:
        locked = Delimitation.objects.select_for_update(of=("self",)).select_related("region").get(pk=delimitation.pk)
        if locked.status != Status.OPEN:
            raise Refusal("not-open", f"{locked}现为“{locked.get_status_display()}”，还不能办理；请等划定完成。")
        try:
            present(locked)
            if is_behind(locked):
                write_index(locked)
            yield Ground(locked, by, now, Path(bench))
            write_index(locked, by=by, at=now)
        except ShuibaoError as refused:
            raise Refusal("refused", in_plain_words(refused)) from refused
        except OSError as full:
            raise Refusal("disk", f"写不进划定文件夹（{full.strerror or full}）；没有记录，请联系运维人员。") from full


def in_plain_words(refused: ShuibaoError) -> str:
    """
    Return what shuibao says without what speaks of its command line, or of folders of the server (去掉命令行用语与路径).

    Examples
    --------
    >>> in_plain_words(ShuibaoError("有 2 条意见没有答复：1, 2；请用 shuibao zones answer 逐条答复。", ""))
    '有 2 条意见没有答复：1, 2。'
    >>> in_plain_words(ShuibaoError("在/srv/bureau/7/zones/drawn.parquet 损坏，读不出来。", ""))
    '在drawn.parquet 损坏，读不出来。'
    """
    text = _OPTION.sub("", _COMMANDS.sub("", _PATH.sub("", refused.zh)))
    return re.sub(r"[；，]+(?=[。\n]|$)", "", text).strip()


def evidence_of(files: Sequence[UploadedFile[Any]]) -> list[Kept]:
    """
    Look at uploaded files and keep them (收存依据材料).

    Parameters
    ----------
    files : sequence of UploadedFile

    Raises
    ------
    Refusal
        If there are too many, or one is not what it may be.
    """
    if len(files) > MOST:
        raise Refusal("too-many-files", f"一次最多 {MOST} 个文件，现为 {len(files)} 个；请合并后再传。")
    return [keep(file) for file in files]


def words_needed(text: str, what: str) -> str:
    """
    Return what somebody wrote, which must say something (必填文字).

    Raises
    ------
    Refusal
        If it is empty.
    """
    if not text.strip():
        raise Refusal("words-missing", f"请写明{what}：记录不可修改，日后要能看懂。")
    return text.strip()
