"""
A PostGIS cluster of the installation's own (私有数据库集群), and how Django reaches a database.

The cluster lies in the installation's folder, listens on a socket only, and is started by whoever needs it. PostgreSQL
refuses to run as root: then the system's user ``postgres`` runs it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bureau.service.calling import application_name
from shuibao.messages import ShuibaoError

USER = "postgres"
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""Settings of the cluster: sockets only, and sizes for a machine of a few GB."""
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings of a cluster that may be lost: for tests."""

CONNECT = 5
"""Seconds that a database has to take a connection, before people are told that it does not answer (chosen)."""


def programs() -> Path:
    """
    Return the folder of PostgreSQL's programs, of the newest version that has PostGIS (数据库程序目录).

    Raises
    ------
    ShuibaoError
        If there is none; the message says what to install.
    """
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    found = shutil.which("pg_config")
    homes += [Path(found).resolve().parent] if found else []
    for home in homes:
        if (home / "initdb").exists() and _has_postgis(home):
            return home
    raise ShuibaoError(
        "没有找到带 PostGIS 的 PostgreSQL；请安装（Debian/Ubuntu：apt-get install postgresql postgis postgresql-15-postgis-3，"
        "版本号依系统而定），或用 BUREAU_DATABASE 指向已有的数据库。",
        "No PostgreSQL with PostGIS was found; install it (Debian/Ubuntu: apt-get install postgresql postgis"
        " postgresql-15-postgis-3, by the version of your system), or point BUREAU_DATABASE at a database that exists.",
    )


def client(program: str) -> Path:
    """
    Return one of PostgreSQL's client programs, the newest there is (客户端程序): on a server it may have no database itself.

    Parameters
    ----------
    program : str
        ``pg_dump``, ``pg_restore`` or ``psql``.

    Raises
    ------
    ShuibaoError
        If it is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parent.parent.name))
    other = shutil.which(program)
    if not found and other is None:
        raise ShuibaoError(
            f"没有找到 {program}；请安装 PostgreSQL 客户端（Debian/Ubuntu：apt-get install postgresql-client），版本不低于数据库。",
            f"{program} was not found; install PostgreSQL's client (Debian/Ubuntu: apt-get install postgresql-client), no"
            " older than the database.",
        )
    return found[-1] if found else Path(str(other))


def _has_postgis(home: Path) -> bool:
    """Return whether the PostgreSQL of a folder of programs has PostGIS."""
    beside = home.parent.parent.parent.parent / "share" / "postgresql" / home.parent.name / "extension"
    if (beside / "postgis.control").exists():
        return True
    config = home / "pg_config"
    if not config.exists():
        return False
    share = subprocess.run([config, "--sharedir"], capture_output=True, text=True, check=False).stdout.strip()
    return (Path(share) / "extension" / "postgis.control").exists()


def database_settings(conninfo: dict[str, Any]) -> dict[str, Any]:
    """
    Return Django's settings of a database (数据库配置).

    Parameters
    ----------
    conninfo : dict
        Words of a conninfo string of PostgreSQL: ``dbname``, ``host``, ``port``, ``user``, ``password``.
    """
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    found = {names[word]: str(value) for word, value in conninfo.items() if word in names}
    rest = {word: value for word, value in conninfo.items() if word not in names}
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": CONNECT, "application_name": application_name(), **rest},
        **found,
    }


def kept_secret(path: Path | str) -> str:
    """
    Return the secret of a file; it is made the first time, and only its owner may read it (密钥).

    Parameters
    ----------
    path : path

    Raises
    ------
    ShuibaoError
        If it can be neither read nor made.
    """
    path = Path(path)
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as closed:
        raise ShuibaoError(
            f"密钥文件 {path} 读写不了：{closed.strerror}；请由运行本服务的用户执行，或换一个可写的安装目录（BUREAU_HOME）。",
            f"The key {path} cannot be read or made: {closed.strerror}; run this as the service's user, or set BUREAU_HOME"
            " to a folder that can be written.",
        ) from closed


def _make_secret(path: Path) -> None:
    """Make a secret, whole before it has its name; of several processes that make it at once, the first one's counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # for its owner only
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()


@dataclass(frozen=True)
class PrivateCluster:
    """
    A cluster in a folder of one's own (私有集群).

    Attributes
    ----------
    data : Path
        Its folder.
    durable : bool
        Whether what was committed must survive a power cut.
    """

    data: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        """Return the folder of its socket: short, for a socket's path holds 107 bytes (套接字目录)."""
        name = hashlib.sha256(str(self.data.absolute()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"bureau-{name}"

    def database(self, name: str) -> dict[str, Any]:
        """Return Django's settings of a database in it (数据库配置)."""
        return database_settings({"dbname": name, "host": str(self.socket), "user": USER})

    def running(self) -> bool:
        """Return whether it answers (是否在运行)."""
        ready = [str(programs() / "pg_isready"), "-q", "-h", str(self.socket)]
        return subprocess.run(ready, check=False).returncode == 0

    def crashed(self) -> bool:
        """Return whether it ended without anybody stopping it: it left the mark of its process behind (意外停止)."""
        return not self.running() and (self.data / "postmaster.pid").exists()

    def start(self) -> None:
        """
        Make the cluster if there is none, and start it if it does not run (建立并启动).

        Raises
        ------
        ShuibaoError
            If PostgreSQL is missing or does not start; the message quotes the end of its log.
        """
        self._make_folders()
        with (self.data.parent / f"{self.data.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two that start it at once, one waits
            self._start()

    def _start(self) -> None:
        """Start the cluster; nobody else does meanwhile."""
        if self.running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = OPTIONS | {"unix_socket_directories": str(self.socket)} | ({} if self.durable else FLEETING)
        words = " ".join(f"-c {name}={value}" if value else f"-c {name}=''" for name, value in options.items())
        self._run("pg_ctl", "-D", self.data, "-l", self.data / "log.txt", "-o", words, "-w", "-t", "60", "start")

    def stop(self) -> None:
        """Stop it, and let what is being written be written (停止)."""
        if self.running():
            self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def make_database(self, name: str) -> None:
        """Make a database if there is none of this name (建库)."""
        found = self._run(
            "psql", "-h", self.socket, "-U", USER, "-d", "postgres", "-Atc", "SELECT datname FROM pg_database"
        )
        if name not in found.split():
            self._run("createdb", "-h", self.socket, "-U", USER, name)

    def _make_folders(self) -> None:
        """Make the folders of the cluster and of its socket, each for its owner only."""
        for folder in (self.data, self.socket):
            folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(folder, USER)
            folder.chmod(0o700)
        closed = [p for p in self.data.absolute().parents if os.geteuid() == 0 and not p.stat().st_mode & 0o001]
        if closed:
            raise ShuibaoError(
                f"以 root 运行时，数据库由系统用户 {USER} 运行，而它进不了目录 {closed[0]}；请把安装目录（BUREAU_HOME）"
                f"放到各级父目录都允许进入的地方，或执行 chmod o+x {closed[0]}。",
                f"Run by root, the database is run by the system's user {USER}, which may not enter {closed[0]}; put the"
                f" installation (BUREAU_HOME) where all parent folders may be entered, or chmod o+x {closed[0]}.",
            )

    def _run(self, program: str, *words: Path | str) -> str:
        """Run one of PostgreSQL's programs, as the system's user if we are root; return what it printed."""
        command: list[Path | str] = [programs() / program, *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", USER, "--", *command]
        done = _run_detached(command)
        if done.returncode:
            log = self.data / "log.txt"
            told = done.stdout + (log.read_text(errors="replace")[-600:] if log.exists() else "")
            raise ShuibaoError(
                f"数据库程序 {program} 未能完成：{told.strip()}\n集群目录：{self.data}。请按上文处理后重试。",
                f"{program} failed: {told.strip()}\nThe cluster lies in {self.data}. Mend what is said above and try again.",
            )
        return done.stdout


def _run_detached(command: list[Path | str]) -> subprocess.CompletedProcess[str]:
    """Run what leaves a server behind: the server must not hold our pipes, nor die of our interrupt."""
    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False, start_new_session=True
        )
        told.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, told.read(), "")
