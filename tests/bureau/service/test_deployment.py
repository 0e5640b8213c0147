"""What the files of deploy/ promise, as far as no container is needed to see it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = ("prepare", "pages", "office", "science", "backup")


def test_the_database_is_healthy_only_once_it_answers_others() -> None:
    words = COMPOSE["services"]["database"]["healthcheck"]["test"]
    assert words[words.index("-h") + 1] == "127.0.0.1", (
        "while it is being made, a server for itself answers at its socket"
    )


def test_pages_and_workers_wait_for_the_tables_and_tables_for_the_database() -> None:
    services = COMPOSE["services"]
    assert services["prepare"]["depends_on"]["database"]["condition"] == "service_healthy"
    for name in set(OURS) - {"prepare"}:
        assert services[name]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert services["proxy"]["depends_on"]["pages"]["condition"] == "service_healthy"


def test_the_pages_are_asked_whether_they_live_as_the_proxy_would_ask() -> None:
    *_, program = COMPOSE["services"]["pages"]["healthcheck"]["test"]
    ast.parse(program)
    assert "127.0.0.1:8000/alive" in program
    assert "'X-Forwarded-Proto': 'https'" in program, "or they would only point to the secure address"
    assert COMPOSE["services"]["pages"]["environment"]["BUREAU_HOSTS"].endswith(",localhost"), "the name it asks by"


@pytest.mark.parametrize("name", OURS)
def test_no_container_of_ours_may_gain_rights_or_fill_the_disk_with_its_log(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for each in COMPOSE["services"].values():
        assert set(each["logging"]["options"]) == {"max-size", "max-file"}


def test_what_is_set_in_the_environment_file_reaches_every_process() -> None:
    for name in OURS:
        assert COMPOSE["services"][name]["env_file"] == ".env"


@pytest.mark.parametrize(
    "clock, hours", [("2026-03-01 01:00", 1.5), ("2026-03-01 02:30", 24), ("2026-03-01 14:00", 12.5)]
)
def test_a_backup_is_made_at_the_next_half_past_two(clock: str, hours: float, tmp_path: Path) -> None:
    script = COMPOSE["services"]["backup"]["command"][-1].replace("$$", "$")
    date = subprocess.run(["which", "date"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "date").write_text(
        f"""#!/bin/sh
case "$1" in
    -d) case "$2" in tomorrow*) day="2026-03-02 02:30";; *) day="2026-03-01 02:30";; esac; exec {date} -d "$day" "$3";;
    *) exec {date} -d '{clock}' "$1";;
esac
"""
    )
    (tmp_path / "sleep").write_text('#!/bin/sh\necho "$1"\nkill $PPID\n')
    for name in ("date", "sleep"):
        (tmp_path / name).chmod(0o755)
    path = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "TZ": "Asia/Shanghai"}
    told = subprocess.run(["sh", "-c", script], env=os.environ | path, capture_output=True, text=True, check=False)
    assert float(told.stdout) == hours * 3600


def test_the_nights_of_a_server_are_those_of_its_people() -> None:
    assert "OnCalendar=*-*-* 02:30:00 Asia/Shanghai" in (DEPLOY / "systemd" / "bureau-backup.timer").read_text("utf-8")
    assert "TZ=Asia/Shanghai" in (DEPLOY / "Dockerfile").read_text("utf-8")


def blocks(name: str) -> str:
    """Return a proxy's configuration without what the two must differ in."""
    text = re.sub(r"#.*", "", (DEPLOY / name).read_text("utf-8"))
    text = re.sub(r"upstream bureau \{.*?\n\}|resolver .*?;|set \$pages .*?;|http2 on;", "", text, flags=re.S)
    text = re.sub(r"server_name .*?;", "server_name;", text).replace("ssl http2;", "ssl;")
    return " ".join(re.sub(r"proxy_pass .*?;", "proxy_pass;", text).split())


def test_both_proxies_do_the_same() -> None:
    assert blocks("nginx.conf") == blocks("nginx.compose.conf")


def test_the_proxy_of_containers_asks_for_the_address_of_the_pages_again_and_again() -> None:
    text = (DEPLOY / "nginx.compose.conf").read_text("utf-8")
    assert "resolver ${NGINX_LOCAL_RESOLVERS}" in text
    assert "proxy_pass http://$pages:8000;" in text, "a name in an upstream is looked up once, when nginx starts"
    proxy = COMPOSE["services"]["proxy"]
    assert proxy["environment"]["NGINX_ENTRYPOINT_LOCAL_RESOLVERS"]
    assert "./nginx.compose.conf:/etc/nginx/templates/default.conf.template:ro" in proxy["volumes"]


def test_what_the_repository_ignores_does_not_go_into_images() -> None:
    kept_out = set((ROOT / ".dockerignore").read_text("utf-8").split("\n"))
    for line in (ROOT / ".gitignore").read_text("utf-8").split():
        name = line.rstrip("/")
        assert {name, f"**/{name}"} & kept_out, name
    assert {".git", "deploy/.env"} <= kept_out


def required(*extras: str) -> set[str]:
    """Return the distributions that an installation with some extras brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    wanted += [Requirement(line) for extra in extras for line in project["optional-dependencies"][extra]]
    found: set[str] = set()
    while wanted:
        one = wanted.pop()
        found.add(str(canonicalize_name(one.name)))
        for line in map(Requirement, distribution(one.name).requires or ()):
            asked = line.marker is None or any(line.marker.evaluate({"extra": extra}) for extra in {"", *one.extras})
            if asked and str(canonicalize_name(line.name)) not in found:
                wanted.append(line)
    return found


def imports(file: Path) -> set[str]:
    """Return the packages that a module imports at its top or within its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.slow
def test_a_server_needs_nothing_beyond_the_extra_bureau() -> None:
    installed, known = required("bureau"), packages_distributions()
    files = [path for path in (ROOT / "src" / "bureau").rglob("*.py") if "node_modules" not in path.parts]
    asked = set().union(*map(imports, files)) - set(sys.stdlib_module_names) - {"bureau", "shuibao"}
    lacking: dict[str, Any] = {
        name: known.get(name)
        for name in asked
        if not {str(canonicalize_name(found)) for found in known.get(name, ())} & installed
    }
    assert not lacking
