"""What is wrong inside the database (数据库体检): tables, triggers, jobs, and who may sign in."""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from bureau.access import Duty
from bureau.office.factor_keys import key_file, standing
from bureau.office.models import Appointment, Person
from bureau.office.second_factor import NEEDED_FOR
from bureau.service.demonstration import ACCOUNTS, PASSWORD
from bureau.service.inspection import BEAT, FAULT, GOOD, WAITING, WARNING, WORKERS, Check, Finding, found
from bureau.service.installation import SERVER, kind
from bureau.service.tables import lacking, older


def migrations() -> Iterator[Finding]:
    """Look whether the tables are those of this version (数据表版本)."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = "、".join(f"{m.app_label}.{m.name}" for m, _ in plan[:3])
        yield found("migrations", FAULT, f"有 {len(plan)} 项数据表变更没有执行（{names} …）；请备份后执行 bureau manage migrate。",
                    f"{len(plan)} migrations are not applied ({names} …); back up, then run bureau manage migrate.")  # fmt: skip
    elif what := lacking():
        yield found("migrations", FAULT, *older(what))
    else:
        yield found("migrations", GOOD, "数据表：与程序版本一致", "Tables: those of this version")


def cache_table() -> Iterator[Finding]:
    """Look for the table of the cache: all processes count wrong codes in it (缓存表)."""
    default = settings.CACHES["default"]
    if "DatabaseCache" not in default["BACKEND"]:
        return
    if default["LOCATION"] not in connection.introspection.table_names():
        yield found("cache", FAULT, "没有缓存表；请执行 bureau manage createcachetable。",
                    "The cache has no table; run bureau manage createcachetable.")  # fmt: skip


def triggers() -> Iterator[Finding]:
    """Look whether the triggers of the audit trail stand (留痕触发器)."""
    standing = _triggers_that_stand()
    wrong = [
        f"{model._meta.label_lower}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if (model._meta.db_table, trigger.get_pgid(model)) not in standing
    ]
    if wrong:
        yield found("trail", FAULT, f"留痕触发器缺失或被停用 {len(wrong)} 个（{'、'.join(wrong[:3])} …）：期间的改动没有记录；"
                    "请查明原因，再执行 bureau manage pgtrigger install。",
                    f"{len(wrong)} triggers of the audit trail are missing or turned off ({', '.join(wrong[:3])} …): changes"
                    " went unrecorded; find out why, then run bureau manage pgtrigger install.")  # fmt: skip
    else:
        yield found("trail", GOOD, "留痕：全部触发器在位", "Audit trail: all triggers stand")


def _triggers_that_stand() -> set[tuple[str, str]]:
    """Return the table and name of each trigger that is there and turned on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
        )
        return {(table.strip('"'), name) for table, name in cursor.fetchall()}


def worker() -> Iterator[Finding]:
    """Look whether somebody does the jobs (后台任务)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [BEAT.total_seconds()],
        )
        alive = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FILTER (WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))),"
            " count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, e.at) < now() - make_interval(secs => %s)),"
            " count(*) FILTER (WHERE j.status = 'failed' AND e.at > now() - interval '7 days')"
            " FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
            " LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON true",
            [BEAT.total_seconds(), WAITING.total_seconds()],
        )
        stalled, waiting, failed = cursor.fetchone()
    if not alive:
        start = (
            (
                "服务 bureau-worker@office 与 bureau-worker@science",
                "the services bureau-worker@office and bureau-worker@science",
            )
            if kind() == SERVER
            else ("平台（bureau serve）", "bureau serve")
        )
        yield found("worker", FAULT, f"没有后台任务进程，计算、转换和提醒都停着；请启动{start[0]}。",
                    f"No worker: runs, conversions and reminders stand still; start {start[1]}.")  # fmt: skip
    elif alive < WORKERS:
        yield found("worker", WARNING, f"后台任务只有 {alive} 个进程，应有 {WORKERS} 个："
                    "办公（office：检查上传、提醒、推送）、计算（science）各一；缺的那类任务没人做。",
                    f"{alive} worker where there should be {WORKERS}: one for office, one for science; the other's jobs wait.")  # fmt: skip
    else:
        yield found("worker", GOOD, f"后台任务：{alive} 个进程", f"Worker: {alive} processes")
    if stalled:
        yield found("jobs-stalled", WARNING, f"{stalled} 个任务的执行进程已不在；新的进程会接手，15 分钟后仍在请看其日志。",
                    f"{stalled} jobs lost their worker; another takes them over, or else look into its log.")  # fmt: skip
    if waiting:
        yield found("jobs-waiting", WARNING, f"{waiting} 个任务已等待超过 {WAITING.seconds // 60} 分钟；请增加后台任务进程或看其日志。",
                    f"{waiting} jobs wait for more than {WAITING.seconds // 60} min; add workers, or look into their log.")  # fmt: skip
    if failed:
        yield found("jobs-failed", WARNING, f"近 7 天有 {failed} 个任务失败；详情见 bureau manage procrastinate shell 或各计算委托页。",
                    f"{failed} jobs failed within 7 days; see bureau manage procrastinate shell.")  # fmt: skip


def demonstration_accounts() -> Iterator[Finding]:
    """On a server, look for accounts whose password is printed in the documentation (演示账号)."""
    if kind() != SERVER:
        return
    names = [account.username for account in ACCOUNTS]
    of_that_name = Person.objects.filter(username__in=names, is_active=True).order_by("username")
    open_ones = [person.username for person in of_that_name if check_password(PASSWORD, person.password)]
    if open_ones:
        yield found("demonstration", FAULT, f"正式环境里有启用的演示账号（{'、'.join(open_ones)}），其口令是公开的；请立即停用或更换口令。",
                    f"Accounts of the demonstration are active on a server ({', '.join(open_ones)}); their password is"
                    " public: deactivate them, or change it, at once.")  # fmt: skip


def people() -> Iterator[Finding]:
    """Look for an administrator, and for people who approve without a second factor (人员)."""
    today = timezone.localdate()
    in_force = Appointment.objects.in_force(today).filter(person__is_active=True)
    administrators = in_force.filter(duty=Duty.ADMINISTER).values("person").distinct().count()
    if not administrators:
        yield found("administrators", FAULT, "没有在任的机构管理员，无人能邀请人员；请执行 bureau first-administrator。",
                    "Nobody administers, so nobody can be invited; run bureau first-administrator.")  # fmt: skip
    needing = Person.objects.filter(pk__in=in_force.filter(duty__in=NEEDED_FOR).values("person"))
    without = needing.exclude(pk__in=Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user")).count()
    if without:
        yield found("second-factor", WARNING, f"{without} 名批准或管理人员还没有设置第二因子；设置之前他们打不开任何页面。",
                    f"{without} people who approve or administer have no second factor yet; until then no page opens.")  # fmt: skip
    if administrators and not without:
        yield found("people", GOOD, f"人员：{administrators} 名管理员，批准人员都有第二因子",
                    f"People: {administrators} administrators; all who approve have a second factor")  # fmt: skip


def factors() -> Iterator[Finding]:
    """Look whether every second factor can be read, and is encrypted (第二因子)."""
    kept = standing()
    if kept.unreadable:
        yield found("factors", FAULT, f"{kept.unreadable} 项密文（第二因子、推送）用现有密钥读不出来：第二因子的主人登录不了，推送"
                    f"发不出去；请把原来的密钥加到 {key_file()} 末行，或由管理员重置这些人的第二因子、重新建立推送。",
                    f"{kept.unreadable} secrets (second factors, webhooks) cannot be read with the present key: append the former"
                    f" key to {key_file()}, or reset them.")  # fmt: skip
    if kept.plain:
        yield found("factors-plain", WARNING, f"{kept.plain} 项密文（第二因子、推送）没有加密；请执行 bureau renew-factor-key。",
                    f"{kept.plain} secrets (second factors, webhooks) are not encrypted; run bureau renew-factor-key.")  # fmt: skip
    if kept.encrypted and not kept.unreadable and not kept.plain:
        yield found("factors", GOOD, f"第二因子与推送的密文：{kept.encrypted} 项，全部加密且可读",
                    f"Second factors and webhooks: {kept.encrypted}, all encrypted and readable")  # fmt: skip


DATABASE_CHECKS: tuple[Check, ...] = (
    migrations,
    cache_table,
    triggers,
    worker,
    demonstration_accounts,
    people,
    factors,
)
