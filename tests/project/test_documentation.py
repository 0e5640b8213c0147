"""Laws of the pages: every example runs, every page is found, nothing comes from elsewhere."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from shuibao.cli import app
from shuibao.survey.region import _OUTPUT_KEYS as OUTPUT_KEYS
from shuibao.survey.region import _REGION_KEYS as REGION_KEYS
from shuibao.survey.region import INPUT_KEYS, examine_region
from shuibao.survey.run import STEPS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READMES = [ROOT / "README.md", ROOT / "README.en.md", ROOT / "CONTRIBUTING.md"]
ROOMS = sorted(p.parent.name for p in (ROOT / "src" / "shuibao").glob("*/__init__.py"))
EXTERNAL = re.compile(
    r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//|<link[^>]+stylesheet[^>]+href=["']?(?:https?:)?//"""
)


def relative(path: Path) -> str:
    """Return the path of a page as the reader of the repository sees it."""
    return str(path.relative_to(ROOT))


def fenced(path: Path, language: str) -> list[str]:
    """Return the blocks of a page in one language, indentation taken off."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^\1```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in blocks]


def nav_pages(entries: object) -> list[str]:
    """Return the pages that the navigation names."""
    if isinstance(entries, str):
        return [entries]
    parts = entries.values() if isinstance(entries, dict) else entries
    return [page for part in parts for page in nav_pages(part)]  # type: ignore[attr-defined]


def navigation() -> list[str]:
    """Return the pages of mkdocs.yml."""
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    return nav_pages(yaml.safe_load(re.sub(r"!!python/\S+", "", text))["nav"])


@pytest.mark.parametrize("path", PAGES + READMES, ids=relative)
def test_the_examples_of_a_page_run(path: Path) -> None:
    names: dict[str, object] = {}
    for number, text in enumerate(fenced(path, "pycon")):
        test = doctest.DocTestParser().get_doctest(text, names, f"{path.name}[{number}]", str(path), 0)
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False)
        names.update(test.globs)
        assert result.failed == 0


@pytest.mark.parametrize("path", PAGES + READMES, ids=relative)
def test_the_toml_of_a_page_parses(path: Path) -> None:
    for text in fenced(path, "toml"):
        assert tomllib.loads(text)


@pytest.mark.parametrize("path", [*READMES[:2], DOCS / "quickstart.md", DOCS / "survey.md"], ids=relative)
def test_the_region_toml_of_a_page_is_accepted(path: Path, tmp_path: Path) -> None:
    texts = [text for text in fenced(path, "toml") if "[region]" in text]
    assert texts
    for text in texts:
        (tmp_path / "region.toml").write_text(text, "utf-8")
        region, findings = examine_region(tmp_path)
        assert not findings, [str(f) for f in findings]
        assert region is not None


def test_every_key_of_region_toml_is_explained() -> None:
    page = (DOCS / "survey.md").read_text("utf-8")
    keys = {*INPUT_KEYS, *(key for keys in INPUT_KEYS.values() for key in keys), *REGION_KEYS, *OUTPUT_KEYS}
    missing = sorted(key for key in keys if f"`{key}`" not in page and f"`{key} =" not in page)
    assert not missing


def test_every_step_of_a_survey_is_explained() -> None:
    page = (DOCS / "survey.md").read_text("utf-8")
    for step, (chinese, _) in STEPS.items():
        assert f"| `{step}` | {chinese} |" in page, step


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page() -> None:
    assert sorted(navigation()) == sorted(str(page.relative_to(DOCS)) for page in PAGES)


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "cli"])  # the command line computes nothing
def test_every_room_has_a_page_with_equation_and_symbols(room: str) -> None:
    page = (DOCS / f"{room}.md").read_text("utf-8")
    assert re.search(r"\$\$|```math|\\\[", page), "no equation"
    assert re.search(r"^\| *符号 *\|", page, re.MULTILINE), "no table of symbols"
    assert "单位" in page


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    files = sorted(p.name for p in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    index = (DOCS / "decisions" / "index.md").read_text("utf-8")
    for name in files:
        assert f"]({name})" in index, name
        text = (DOCS / "decisions" / name).read_text("utf-8")
        for heading in ("## 背景", "## 决定", "## 后果", "## 没有选的路"):
            assert heading in text, (name, heading)
        assert "状态：" in text, name


@pytest.mark.parametrize("path", READMES[:2] + [DOCS / "quickstart.md"], ids=relative)
def test_the_commands_of_a_page_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shell = "\n".join(fenced(path, "bash"))
    for target in re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE):
        assert target in targets, f"make {target}"
    commands = sorted(set(re.findall(r"^(?:\.venv/bin/)?shuibao ([a-z]+)", shell, re.MULTILINE)))
    assert commands
    answer = subprocess.run(
        [sys.executable, "-c", "from shuibao.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    for command in commands:
        assert re.search(rf"\b{command}\b", answer.stdout), f"shuibao {command}"


def commands(group: Any = None, before: str = "shuibao") -> dict[str, Any]:
    """Return all commands of the command line by what is typed."""
    found = {}
    for name, command in (typer.main.get_command(app) if group is None else group).commands.items():
        typed = f"{before} {name}"
        found |= commands(command, typed) if hasattr(command, "commands") else {typed: command}
    return found


@pytest.mark.parametrize("typed", commands())
def test_every_command_is_explained_with_its_arguments_and_options(typed: str) -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    sections = [part for part in re.split(r"^##+ ", page, flags=re.MULTILINE) if part.startswith(f"`{typed}`")]
    assert len(sections) == 1, f"docs/cli.md has {len(sections)} sections on {typed}"
    section = sections[0]
    assert re.search(rf"^{typed}( |$)", "\n".join(re.findall(r"```bash\n(.*?)```", section, re.DOTALL)), re.MULTILINE)
    for parameter in commands()[typed].params:
        words = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar.strip("[].")]
        for word in words:
            assert f"`{word}" in section, f"{typed}: {word} is not explained"


def test_the_page_of_the_command_line_names_nothing_that_is_not_there() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    assert set(re.findall(r"^##+ `(shuibao [^`]+)`", page, re.MULTILINE)) == set(commands())
    known = {word for command in commands().values() for p in command.params for word in p.opts} | {
        "--help",
        "--version",
    }
    assert set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", page)) <= known


@pytest.mark.slow
def test_the_site_builds_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")
    assert build.returncode == 0, build.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) >= len(PAGES)
    for page in pages:
        text = page.read_text("utf-8")
        assert not EXTERNAL.search(text), page.name
        assert "arithmatex" not in text, f"{page.name}: a formula was not turned into MathML"
