"""What every public name owes its reader: Chinese, sections, units."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import pytest

import shuibao

ROOMS = sorted(module.name for module in pkgutil.iter_modules(shuibao.__path__) if module.ispkg)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SECTION = re.compile(r"^ *([A-Z][A-Za-z ]+)\n *-{3,}$", re.MULTILINE)


def room(name: str) -> ModuleType:
    """Return the room as a module."""
    return importlib.import_module(f"shuibao.{name}")


def public(module: ModuleType) -> list[tuple[str, object]]:
    """Return the public functions and classes of a room by name."""
    names = [(name, getattr(module, name)) for name in getattr(module, "__all__", [])]
    return [(name, value) for name, value in names if inspect.isroutine(value) or inspect.isclass(value)]


def docstring(value: object) -> str:
    """Return the docstring that was written for this value itself, not an inherited or made-up one."""
    text = inspect.cleandoc(getattr(value, "__doc__", None) or "")
    return "" if re.match(r"\w+\(.*\)$", text.splitlines()[0] if text else "") else text


def arguments(value: object) -> list[str]:
    """Return the names of the arguments of a function, or of the constructor of a class."""
    try:
        parameters = inspect.signature(value).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.name not in ("self", "cls") and not p.name.startswith("_")]


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_says_what_it_is_in_both_languages(name: str) -> None:
    text = docstring(room(name))
    assert CHINESE.search(text), f"shuibao.{name} has no Chinese in its docstring"
    assert re.search(r"[a-z]{3}", text), f"shuibao.{name} has no English in its docstring"


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_lists_its_public_names(name: str) -> None:
    module = room(name)
    assert getattr(module, "__all__", None), f"shuibao.{name} has no __all__"
    assert sorted(set(module.__all__)) == sorted(module.__all__), "a name is listed twice"
    for public_name in module.__all__:
        assert hasattr(module, public_name), f"shuibao.{name}.__all__ promises {public_name}"


@pytest.mark.parametrize("name", ROOMS)
def test_every_public_name_has_its_chinese_term_in_the_first_paragraph(name: str) -> None:
    without = [
        public_name
        for public_name, value in public(room(name))
        if not CHINESE.search(docstring(value).split("\n\n")[0])
    ]
    assert not without, f"no Chinese term in the first paragraph: {without}"


@pytest.mark.parametrize("name", ROOMS)
def test_every_public_name_describes_its_arguments(name: str) -> None:
    lacking = []
    for public_name, value in public(room(name)):
        text = docstring(value)
        names = arguments(value)
        if inspect.isclass(value) and issubclass(value, Exception):
            continue
        sections = SECTION.findall(text)
        described = re.split(r"^ *(?:Parameters|Attributes)\n *-{3,}$", text, maxsplit=1, flags=re.MULTILINE)[-1]
        if names and not {"Parameters", "Attributes"} & set(sections):
            lacking.append(f"{public_name}: no Parameters section")
            continue
        lacking += [
            f"{public_name}: {n}" for n in names if not re.search(rf"^[\w, *]*\b{n}\b", described, re.MULTILINE)
        ]
        returns = inspect.isroutine(value) and str(inspect.signature(value).return_annotation)
        returns = returns and not re.fullmatch(r"None|[A-Z][a-z]\w*", returns)  # a class of ours speaks for itself
        if returns and not {"Returns", "Yields"} & set(sections) and not re.match(r"Return|Yield", text):
            lacking.append(f"{public_name}: no Returns section")
    assert not lacking, "\n".join(lacking)
