"""
What is wrong with an installation (体检): ``bureau check``.

Each check is a function that yields findings. A fault means that something does not work or is not safe, and the command
ends with 1; a warning, that it soon may not.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from bureau.onemap.keeping import size
from bureau.service.installation import SERVER, backups_folder, kind, latest_backup, media_folder
from bureau.service.mail_trial import trouble_with_mail
from shuibao.messages import say

GOOD, WARNING, FAULT = "good", "warning", "fault"
POSTGRESQL, POSTGIS = (14,), (3, 3)
"""Oldest versions that were tried."""
LOW, LOWEST = 5 * 2**30, 2**30
"""Free bytes below which is warned, and below which is a fault (chosen: a province's rasters take some GB)."""
BEAT = timedelta(seconds=60)
"""A worker that was not heard for longer is taken for dead; it beats every ten seconds."""
WORKERS = 2
"""One for each queue: office and science."""
WAITING = timedelta(minutes=15)
WHERE = (
    ("请用 bureau serve 启动平台。", "Start the bureau with bureau serve."),
    ("请确认数据库已启动、BUREAU_DATABASE 写对。", "See that it runs, and that BUREAU_DATABASE is right."),
)
"""What to do about a database that does not answer: on a desk, on a server."""
BACKUP_AGE = timedelta(days=2)
DRIFT = 5.0
"""Seconds by which the clocks of the database and of this machine may differ (chosen: codes of phones hold for thirty)."""


@dataclass(frozen=True)
class Finding:
    """
    What a check found (体检结果).

    Attributes
    ----------
    subject : str
        Word for programs, such as ``database``.
    verdict : str
        ``good``, ``warning`` or ``fault``.
    message : str
        What was found, and what to do.
    """

    subject: str
    verdict: str
    message: str

    def __str__(self) -> str:
        return f"{ {GOOD: '✓', WARNING: '！', FAULT: '✗'}[self.verdict] } {self.message}"

    def as_dict(self) -> dict[str, str]:
        """Return it for programs (字典)."""
        return asdict(self)


Check = Callable[[], Iterator[Finding]]


def found(subject: str, verdict: str, zh: str, en: str) -> Finding:
    """Return a finding in the language of whoever asks (结果)."""
    return Finding(subject, verdict, say(zh, en))


def inspect() -> list[Finding]:
    """Look at everything (体检); what needs the database is left out where it does not answer."""
    from bureau.service.inspection_database import DATABASE_CHECKS

    findings = [finding for check in CHECKS for finding in check()]
    answers = [finding for finding in database()]
    findings += answers
    if all(finding.verdict != FAULT for finding in answers):
        findings += _of_the_tables(DATABASE_CHECKS)
    return findings


def _of_the_tables(checks: Iterable[Check]) -> list[Finding]:
    """Ask the checks in turn; after one that finds the tables of another version, no further query would be answered."""
    findings: list[Finding] = []
    for check in checks:
        findings += check()
        if any(finding.subject == "migrations" and finding.verdict == FAULT for finding in findings):
            break
    return findings


def database() -> Iterator[Finding]:
    """Look whether there is a database, and new enough (数据库)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, postgis_lib_version(), now()")
            number, postgis, now = cursor.fetchone()
    except DatabaseError as lost:
        told = str(lost).strip().splitlines()[0]
        if "postgis_lib_version" in told:
            yield found("database", FAULT, "数据库没有 PostGIS；请以管理员身份执行 CREATE EXTENSION postgis。",
                        "The database has no PostGIS; run CREATE EXTENSION postgis as its administrator.")  # fmt: skip
        else:
            yield found("database", FAULT, f"连不上数据库：{told}。{WHERE[kind() == SERVER][0]}",
                        f"The database does not answer: {told}. {WHERE[kind() == SERVER][1]}")  # fmt: skip
        connection.close()
        return
    version = f"PostgreSQL {number // 10000}.{number % 10000}, PostGIS {postgis}"
    old = (number // 10000,) < POSTGRESQL or tuple(int(n) for n in postgis.split(".")[:2]) < POSTGIS
    yield found("database", FAULT if old else GOOD, f"数据库：{version}" + ("，版本过旧，需 14 与 3.3 以上。" if old else ""),
                f"Database: {version}" + ("; too old, 14 and 3.3 are needed." if old else ""))  # fmt: skip
    yield from _clock(now)


def _clock(now: datetime) -> Iterator[Finding]:
    apart = abs((timezone.now() - now).total_seconds())
    if apart > DRIFT:
        yield found("clock", FAULT, f"本机与数据库的时钟相差 {apart:.0f} 秒；请启用对时（NTP），否则动态码会被拒绝、期限会算错。",
                    f"The clocks of this machine and of the database differ by {apart:.0f} s; turn NTP on, or codes of"
                    " phones are refused and dates are wrong.")  # fmt: skip
    elif _unsynchronised():
        yield found("clock", WARNING, "本机没有对时（NTP）；时钟走偏后，手机动态码会被拒绝。",
                    "This machine's clock is not synchronised (NTP); when it drifts, codes of phones are refused.")  # fmt: skip
    else:
        yield found("clock", GOOD, f"时钟：与数据库相差 {apart:.1f} 秒；时区 {settings.TIME_ZONE}",
                    f"Clock: {apart:.1f} s from the database's; time zone {settings.TIME_ZONE}")  # fmt: skip


def _unsynchronised() -> bool:
    """Return whether the system itself says that its clock is not synchronised."""
    if not shutil.which("timedatectl"):
        return False
    told = subprocess.run(
        ["timedatectl", "show", "-p", "NTPSynchronized", "--value"], capture_output=True, text=True, check=False
    )
    return told.returncode == 0 and told.stdout.strip() == "no"


def time_zone() -> Iterator[Finding]:
    """Look whether the time zone is known (时区)."""
    try:
        zoneinfo.ZoneInfo(settings.TIME_ZONE)
    except zoneinfo.ZoneInfoNotFoundError:
        yield found("time-zone", FAULT, f"系统没有时区 {settings.TIME_ZONE}；请安装 tzdata。",
                    f"The system does not know the time zone {settings.TIME_ZONE}; install tzdata.")  # fmt: skip


def secret_key() -> Iterator[Finding]:
    """Look whether only the service can read its key (密钥)."""
    path = Path(getattr(settings, "SECRET_KEY_FILE", settings.HOME / "secret-key"))
    if not path.exists():
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        yield found("secret-key", FAULT, f"密钥文件 {path} 的权限是 {mode:o}，别人也能读；请执行 chmod 600 {path}，并更换密钥。",
                    f"The key {path} has mode {mode:o}: others can read it; run chmod 600 {path}, and make a new one.")  # fmt: skip
    else:
        yield found("secret-key", GOOD, f"密钥：{path}，只有本服务可读", f"Key: {path}, for the service only")


def factor_key() -> Iterator[Finding]:
    """Look whether the key of second factors is there, for the service only (第二因子密钥)."""
    path = Path(settings.FACTOR_KEY_FILE)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0
    if not path.exists() or not path.read_text(encoding="utf-8").strip():
        yield found("factor-key", FAULT, f"没有第二因子密钥 {path}，批准和管理人员都登录不了；请从离线备份恢复它。",
                    f"The key of second factors {path} is missing: whoever approves cannot sign in; restore it.")  # fmt: skip
    elif mode & 0o077:
        yield found("factor-key", FAULT, f"第二因子密钥 {path} 的权限是 {mode:o}，别人也能读；请 chmod 600，再 bureau renew-factor-key。",
                    f"The key {path} has mode {mode:o}: others can read it; chmod 600, then bureau renew-factor-key.")  # fmt: skip
    else:
        yield found("factor-key", GOOD, f"第二因子密钥：{path}，只有本服务可读（不在备份里，请另存）",
                    f"Key of second factors: {path}, for the service only (not in backups: keep a copy)")  # fmt: skip


def folders() -> Iterator[Finding]:
    """Look whether files can be kept, and whether there is room (文件夹)."""
    media = media_folder()
    at = next(folder for folder in (media, *media.parents) if folder.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=at):
            pass
    except OSError as closed:
        yield found("media", FAULT, f"写不进文件夹 {at}：{closed.strerror}；请把它交给运行本服务的用户。",
                    f"{at} cannot be written: {closed.strerror}; give it to the user that runs the service.")  # fmt: skip
        return
    free = shutil.disk_usage(at).free
    verdict = FAULT if free < LOWEST else WARNING if free < LOW else GOOD
    advice = (
        ("", "")
        if verdict == GOOD
        else ("；请清理或扩容，空间用尽时上传和计算会失败。", "; make room, or uploads and runs fail.")
    )
    yield found("disk", verdict, f"文件：{media}，余 {free / 2**30:.1f} GB{advice[0]}",
                f"Files: {media}, {free / 2**30:.1f} GB left{advice[1]}")  # fmt: skip


def tiles() -> Iterator[Finding]:
    """Look how large the folder of tiles is (瓦片缓存)."""
    held, most = size(), settings.TILES_BYTES
    over = held.bytes > 1.5 * most
    told = f"{held.bytes / 2**20:.0f} MB / {most / 2**20:.0f} MB"
    advice = (
        ("；后台任务每小时清理一次，请确认它在运行。", "; the worker prunes it each hour: see that it runs.")
        if over
        else ("", "")
    )
    yield found("tiles", WARNING if over else GOOD, f"瓦片缓存：{held.tiles} 张，{told}（上限 BUREAU_TILES_MB）{advice[0]}",
                f"Tiles kept: {held.tiles}, {told} (BUREAU_TILES_MB){advice[1]}")  # fmt: skip


def pages() -> Iterator[Finding]:
    """Look whether the pages' scripts and styles are in their place (网页资源)."""
    if not getattr(settings, "STATIC_ROOT", None) or kind() == "testing":
        return
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        yield found("static", FAULT, f"网页资源没有收集到 {settings.STATIC_ROOT}；请执行 bureau manage collectstatic --noinput。",
                    f"No static files in {settings.STATIC_ROOT}; run bureau manage collectstatic --noinput.")  # fmt: skip
    elif "dist/pages-page.js" not in manifest.read_text(encoding="utf-8"):
        yield found("static", FAULT, "网页脚本没有构建；请执行 sh .ci/front-end，再 bureau manage collectstatic --noinput。",
                    "The pages' scripts are not built; run sh .ci/front-end, then bureau manage collectstatic --noinput.")  # fmt: skip
    else:
        yield found("static", GOOD, "网页资源：齐全", "Static files: all there")


def fonts() -> Iterator[Finding]:
    """Look for a font with Chinese letters, for sheets and reports (字体)."""
    if not shutil.which("fc-list"):
        return
    told = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout.strip()
    if told:
        yield found("fonts", GOOD, f"中文字体：{told.splitlines()[0]}", f"Chinese font: {told.splitlines()[0]}")
    else:
        yield found("fonts", WARNING, "没有中文字体，图件和报告里的汉字会缺失；请安装 fonts-noto-cjk 或 fonts-wqy-microhei。",
                    "No font with Chinese letters: sheets and reports lack them; install fonts-noto-cjk.")  # fmt: skip


def https() -> Iterator[Finding]:
    """On a server, look whether everything is behind HTTPS (传输加密)."""
    if kind() != SERVER:
        return
    wanted: dict[str, Any] = {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "DEBUG": False,
    }
    wrong = [name for name, value in wanted.items() if bool(getattr(settings, name)) is not value]
    if wrong:
        yield found("https", FAULT, f"配置不安全：{'、'.join(wrong)}；请用 bureau.settings.production，不要改这几项。",
                    f"Not safe: {', '.join(wrong)}; use bureau.settings.production and leave these as they are.")  # fmt: skip
    hosts = settings.ALLOWED_HOSTS
    if "*" in hosts or set(hosts) <= {"localhost", "127.0.0.1", "[::1]"}:
        yield found("hosts", FAULT, f"BUREAU_HOSTS 是 {','.join(hosts) or '空'}；请写成用户访问的域名，如 shuibao.example.gov.cn。",
                    f"BUREAU_HOSTS is {','.join(hosts) or 'empty'}; name the host that people reach, such as"
                    " shuibao.example.gov.cn.")  # fmt: skip
    elif not wrong:
        yield found("https", GOOD, f"域名：{','.join(hosts)}，仅 HTTPS", f"Hosts: {','.join(hosts)}, HTTPS only")


def backups() -> Iterator[Finding]:
    """Look how old the newest backup is (备份)."""
    newest = latest_backup()
    if newest is None:
        verdict = WARNING if kind() == SERVER else GOOD
        yield found("backup", verdict, f"{backups_folder()} 里没有备份；请定期执行 bureau backup，见《运行平台》。",
                    f"No backup in {backups_folder()}; run bureau backup regularly, see Operating.")  # fmt: skip
        return
    hours = (timezone.now().timestamp() - newest.stat().st_mtime) / 3600
    late = hours > BACKUP_AGE.total_seconds() / 3600
    advice = ("；太旧了，请检查定时备份。", "; too old, see to the timer.") if late else ("", "")
    yield found("backup", WARNING if late else GOOD, f"最近备份：{newest.name}，{hours:.0f} 小时前{advice[0]}",
                f"Newest backup: {newest.name}, {hours:.0f} h ago{advice[1]}")  # fmt: skip


def mail() -> Iterator[Finding]:
    """Look whether the server of mail answers, where there is one (邮件)."""
    if not settings.BUREAU_MAIL:
        return
    trouble = trouble_with_mail()
    if trouble:
        yield found("mail", WARNING, f"邮件服务器 {settings.BUREAU_MAIL} 不能用：{trouble}；提醒只在平台内。"
                    "请核对 BUREAU_MAIL，用 bureau try-mail 试发。",
                    f"The mail server {settings.BUREAU_MAIL} cannot be used: {trouble}; reminders stay in the bureau. Check"
                    " BUREAU_MAIL, and try with bureau try-mail.")  # fmt: skip
    else:
        yield found("mail", GOOD, f"邮件：{settings.BUREAU_MAIL} 可用", f"Mail: {settings.BUREAU_MAIL} answers")


CHECKS: tuple[Check, ...] = (time_zone, secret_key, factor_key, folders, tiles, pages, fonts, https, mail, backups)
