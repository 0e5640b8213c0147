"""What is wrong with the environment of an installation is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bureau.settings.environment import conninfo, whole_number
from shuibao.messages import CallError


def test_a_number_is_read_and_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUREAU_PROXIES", raising=False)
    assert whole_number("BUREAU_PROXIES", 1) == 1
    monkeypatch.setenv("BUREAU_PROXIES", " 2 ")
    assert whole_number("BUREAU_PROXIES", 1) == 2


@pytest.mark.parametrize("given", ["eins", "-1", "1.5", "２"])
def test_what_is_no_number_is_refused_by_its_name(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUREAU_PROXIES", given)
    with pytest.raises(CallError, match="BUREAU_PROXIES"):
        whole_number("BUREAU_PROXIES", 1)


def test_a_conninfo_string_may_hold_any_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUREAU_DATABASE", r"host=h dbname=b user=u password='a b\'c'")
    assert conninfo("BUREAU_DATABASE", "dbname=bureau")["password"] == "a b'c"
    monkeypatch.setenv("BUREAU_DATABASE", "")
    assert conninfo("BUREAU_DATABASE", "dbname=bureau") == {"dbname": "bureau"}


def test_a_wrong_conninfo_string_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUREAU_DATABASE", "geheim")
    with pytest.raises(CallError) as refused:
        conninfo("BUREAU_DATABASE", "dbname=bureau")
    assert "BUREAU_DATABASE" in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, environment, told, status",
    [
        (["check"], {"BUREAU_PROXIES": "eins"}, "BUREAU_PROXIES", 2),
        (["check"], {"BUREAU_DATABASE": "nonsense"}, "BUREAU_DATABASE", 2),
        (["check"], {"DJANGO_SETTINGS_MODULE": "bureau.settings.nowhere"}, "DJANGO_SETTINGS_MODULE", 2),
        (["serve"], {}, "bureau serve 只用于单机", 2),
        (["first-administrator", "140000", "厅", "wangxin", "王欣"], {}, "连不上数据库", 1),
        (["manage", "migrate"], {}, "连不上数据库", 1),
        (["backup"], {}, "connection", 1),
    ],
)
def test_what_is_wrong_is_one_sentence(
    words: list[str], environment: dict[str, str], told: str, status: int, tmp_path: Path
) -> None:
    given = {
        "DJANGO_SETTINGS_MODULE": "bureau.settings.production", "BUREAU_HOME": str(tmp_path),
        "BUREAU_DATABASE": f"host={tmp_path} dbname=bureau", "BUREAU_BACKUPS": str(tmp_path), **environment,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bureau", *words], env=os.environ | given, capture_output=True, text=True, check=False,
        input="Good-enough-17\nGood-enough-17\n", timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert told in done.stderr + done.stdout
    assert done.returncode == status
