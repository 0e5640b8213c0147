"""Laws of the repository itself: the lock, the layers, the sizes, the version."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import shuibao

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "shuibao"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_BODY = 40


@cache
def texts() -> dict[Path, str]:
    """Return what the modules say."""
    return {path: path.read_text("utf-8") for path in MODULES}


@cache
def trees() -> dict[Path, ast.Module]:
    """Return the modules as Python reads them."""
    return {path: ast.parse(text) for path, text in texts().items()}


def locked() -> dict[str, str]:
    """Return the versions of the lock by canonical name."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {str(canonicalize_name(name)): version for name, version in pins}


def requirements() -> list[Requirement]:
    """Return what the project and its extras ask for."""
    project = PROJECT["project"]
    extras = [line for extra in project["optional-dependencies"].values() for line in extra]
    return [Requirement(line) for line in project["dependencies"] + extras]


def test_the_lock_names_exact_versions_and_no_host() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line), line
        assert "://" not in line, line


def test_the_lock_holds_what_the_project_asks_for() -> None:
    there = locked()
    for requirement in requirements():
        name = str(canonicalize_name(requirement.name))
        assert name in there, f"{name} is not in requirements.lock; run make lock"
        assert requirement.specifier.contains(there[name], prereleases=True), f"{requirement}: {there[name]} is locked"


def test_the_lock_installs_on_the_python_of_debian_12() -> None:
    asked = {
        str(canonicalize_name(found.name)): found.metadata["Requires-Python"]
        for found in distributions()
        if locked().get(str(canonicalize_name(found.name))) == found.version and found.metadata["Requires-Python"]
    }
    assert len(asked) > 60
    assert not {name: python for name, python in asked.items() if not SpecifierSet(python).contains("3.11.2")}


def test_what_the_locked_packages_ask_for_is_in_the_lock_too() -> None:
    names = locked()
    missing = {
        f"{found.name} asks for {line}"
        for found in distributions()
        if str(canonicalize_name(found.name)) in names
        for line in map(Requirement, found.requires or ())
        if line.marker is None or line.marker.evaluate({"extra": ""})
        if str(canonicalize_name(line.name)) not in names.keys() | {"pip", "setuptools"}
    }
    assert not missing


def test_one_version_is_told_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert shuibao.__version__ == version
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest
    assert newest[1] == version


def test_the_licence_is_the_whole_of_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert len(text.splitlines()) == 202
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def kernels() -> list[str]:
    """Return the dotted names of all modules of compiled loops."""
    files = [path for path in MODULES if path.stem.startswith("_") and path.stem.endswith("kernels")]
    return [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in files]


def test_every_module_that_compiles_is_a_kernel_module() -> None:
    compiled = [
        path
        for path in MODULES
        if re.search(r"^@((nb\.|numba\.)?(n?jit|vectorize)|kernel)", path.read_text("utf-8"), re.M)
    ]
    names = [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in compiled]
    assert set(names) <= set(kernels())


def test_every_kernel_module_is_under_the_kernel_contract() -> None:
    contract = next(c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["name"].startswith("Kernels"))
    for name in kernels():
        assert name in contract["source_modules"] or name.endswith("._kernels"), name


def test_kernels_are_compiled_in_one_way_and_without_fastmath() -> None:
    for name in kernels():
        text = (SOURCE.parent / (name.replace(".", "/") + ".py")).read_text("utf-8")
        for decorator in re.findall(r"^@.*(?:jit|kernel|vectorize).*$", text, re.MULTILINE):
            assert re.fullmatch(r'@kernel(\((inline="always"|error_model="numpy")\))?', decorator), (name, decorator)


def test_a_kernel_copies_arrays_in_loops() -> None:
    """For an array put into a slice Numba compiles the words of an error: two seconds in every process that compiles."""
    for name in kernels():
        tree = ast.parse((SOURCE.parent / (name.replace(".", "/") + ".py")).read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Assign) or isinstance(node.value, ast.Constant | ast.UnaryOp | ast.Attribute):
                continue
            slices = [part for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Slice)]
            assert not slices, (name, ast.unparse(node))


def test_a_module_holds_one_idea() -> None:
    lines = {str(path.relative_to(SOURCE)): len(text.splitlines()) for path, text in texts().items()}
    long = {path: count for path, count in lines.items() if count > LONGEST_MODULE}
    assert not long, f"modules of more than {LONGEST_MODULE} lines: {long}"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its signature and its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return 0 if not statements else (function.end_lineno or 0) - statements[0].lineno + 1


def test_a_function_does_one_thing() -> None:
    long = {
        f"{path.relative_to(SOURCE)}: {function.name}": body_lines(function)
        for path, tree in trees().items()
        if "kernels" not in path.stem
        for function in functions(tree)
        if body_lines(function) > LONGEST_BODY
    }
    assert not long, f"bodies of more than {LONGEST_BODY} lines: {long}"


def spoken(node: ast.expr) -> str | None:
    """Return the literal text of a string or f-string; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return None


def test_every_message_is_in_chinese_and_in_english() -> None:
    chinese, wrong = re.compile(r"[\u4e00-\u9fff]"), []
    for path, node in ((path, node) for path, tree in trees().items() for node in ast.walk(tree)):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("ShuibaoError", "CallError", "say"):
            continue
        zh, en = spoken(node.args[0]), spoken(node.args[1])
        if zh and en and re.search(r"[a-z]{3}", en) and not zh.isidentifier():  # a name of a column is no message
            en = en.replace("模拟数据", "")  # the label of made-up land stands in both languages
            if not chinese.search(zh) or chinese.search(en):
                wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno}: {zh} / {en}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_the_wheel_holds_all_that_is_not_python(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("shuibao/")}
    made = {".pyc", ".nbi", ".nbc"}
    present = {
        str(path.relative_to(SOURCE.parent)) for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in made
    }
    assert present <= packed
    assert not {name for name in packed if Path(name).suffix in made}
    assert {"shuibao/py.typed", "shuibao/report/page.css", "shuibao/rules/packs/national.toml"} <= packed
