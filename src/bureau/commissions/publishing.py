"""Publishing what was accepted (发布): the region folder of a commission becomes a published result."""

from __future__ import annotations

from django.utils import timezone

from bureau.commissions.models import Commission
from bureau.outage import disk_is_full
from bureau.publications.models import Kind
from bureau.publications.services import publish
from bureau.refusal import Refusal

Status = Commission.Status
NO_ROOM = "没有发布：服务器的磁盘已满，计算结果都在；请运维人员腾出空间后，由审核人员重新通过。"


def publish_commission(pk: int) -> None:
    """
    Publish an accepted commission (发布委托成果); one that cannot be published goes back to be judged, and says why.

    Parameters
    ----------
    pk : int
        The commission. One that is not accepted, or is published already, is left alone.
    """
    found = Commission.objects.filter(pk=pk, status=Status.ACCEPTED).select_related("region", "by", "judged_by")
    commission = found.first()
    if commission is None or commission.judged_by is None:
        return
    try:
        publication = publish(
            folder=commission.folder, kind=Kind.SURVEY, region=commission.region, year=commission.year, by=commission.by,
            reviewed_by=commission.judged_by, now=timezone.now(), origin=f"计算委托第 {pk} 号",
        )  # fmt: skip
    except Refusal as refused:
        if refused.code == "disk" or disk_is_full(refused):
            found.update(status=Status.FINISHED, judged_by=None, judged=None, reason="", message=NO_ROOM)
        else:
            found.update(status=Status.FAILED, message=f"不能发布：{refused.message}")
        return
    except OSError as wrong:
        if not disk_is_full(wrong):
            raise
        found.update(status=Status.FINISHED, judged_by=None, judged=None, reason="", message=NO_ROOM)
        return
    told = f"已发布：{publication}。"
    if commission.judged is not None and publication.published_at < commission.judged:
        told = f"与现行成果完全相同，没有产生新的版本；现行的是：{publication}。"
    found.update(status=Status.PUBLISHED, message=told)
