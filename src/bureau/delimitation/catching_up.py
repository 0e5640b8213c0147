"""Writing the index of folders that were changed elsewhere (补写索引): by a program that died, or from a desk."""

from __future__ import annotations

import logging

from django.db import transaction

from bureau.delimitation.folders import recover
from bureau.delimitation.indexing import is_behind, write_index
from bureau.delimitation.models import Delimitation, Status
from shuibao.messages import ShuibaoError

logger = logging.getLogger(__name__)


def catch_up() -> int:
    """
    Write the index of every open delimitation whose folder holds more than it knows (补写索引).

    Returns
    -------
    int
        How many were written.
    """
    done = 0
    for pk in Delimitation.objects.filter(status=Status.OPEN).values_list("pk", flat=True):
        with transaction.atomic():
            one = Delimitation.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if one is None:
                continue
            recover(one.folder)
            if not is_behind(one):
                continue
            try:
                with transaction.atomic():
                    write_index(one)
            except ShuibaoError as wrong:
                logger.error("划定 %s 的记录不能读入索引：%s", pk, wrong.zh)
            else:
                done += 1
    return done
