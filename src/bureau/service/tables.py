"""Whether a database has the tables that the program works with (数据表核对)."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connection

from bureau.service.installation import SERVER, kind
from shuibao.messages import ShuibaoError


def lacking() -> list[str]:
    """
    Return what a database lacks that has been migrated (缺少的表与列), as ``table`` or ``table.column``.

    A database that was made before the first release by an earlier first migration counts as migrated, whatever it lacks.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        )
        there = set(cursor.fetchall())
    tables = {table for table, _ in there}
    wanted = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    lost = {model._meta.db_table for model in wanted} - tables
    columns = {
        (model._meta.db_table, field.column)
        for model in wanted
        for field in model._meta.local_concrete_fields
        if model._meta.db_table not in lost
    }
    return sorted([*lost, *(f"{table}.{column}" for table, column in columns - there)])


def older(what: list[str]) -> tuple[str, str]:
    """Say in Chinese and English what is lacking, and what to do: there is no way up from an unreleased version (怎么办)."""
    named, more = what[:3], len(what) > 3
    if kind() == SERVER:
        zh, en = (
            "请备份后另建一个空数据库，执行 bureau manage migrate。",
            "back it up, make an empty one, and run bureau manage migrate.",
        )
    else:
        zh, en = (
            f"请停止平台，把安装目录 {settings.HOME} 改名留存（或用 BUREAU_HOME 另指一个），再启动，演示数据会重新装载。",
            f"stop the bureau, rename its folder {settings.HOME} (or name another by BUREAU_HOME), and start it again: the"
            " demonstration is loaded anew.",
        )
    return (
        f"数据库是正式发布之前的程序建的，与现在的不符（缺 {'、'.join(named)}{' 等' if more else ''}），不能原地升级；{zh}",
        f"The database was made by a version before the first release and does not fit (it lacks {', '.join(named)}"
        f"{' …' if more else ''}); it cannot be upgraded: {en}",
    )


def check() -> None:
    """
    Refuse to work with tables of an earlier version (核对数据表).

    Raises
    ------
    ShuibaoError
        If the database lacks something.
    """
    if what := lacking():
        raise ShuibaoError(*older(what))
