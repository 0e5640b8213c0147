"""
A rule pack: one TOML file of values with their units and sources (规则包).

A pack has a ``[pack]`` table (id, titles, packs it includes), ``[sources.KEY]`` tables, and any number of tables of
values. Unit, source, clause, status, basis, confidence and note written on a table hold for every value in it that
does not say otherwise; a value itself is a table with ``value``, ``name`` and ``name_en``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules.citation import Citation, Parameter, read_citation
from shuibao.rules.suggestion import suggestion

INHERITED = ("unit", "source", "clause", "status", "basis", "confidence", "note")
"""What a table says once for all its values."""

TABLE_WORDS = (*INHERITED, "name", "name_en")
VALUE_WORDS = (*TABLE_WORDS, "value")
PACK_WORDS = ("id", "title", "title_en", "number", "in_force", "includes", "note", "kind")
SOURCE_WORDS = ("title", "title_en", "number", "read", "note")
KINDS = ("rules", "scheme", "collection")
"""What a pack may call itself; a collection is shown with all that it includes."""

OWN_TABLES = ("pack", "sources")


@dataclass(frozen=True)
class Entry:
    """One value as it stands in the file, with what its table says filled in (条目)."""

    key: str
    words: Mapping[str, Any]


@dataclass(frozen=True)
class Pack:
    """
    The content of one pack file, read but not yet joined with others (规则包).

    Parameters
    ----------
    id, title, title_en, number, note : str
        Its name, titles, the number of the standard it transcribes, and remarks.
    includes : tuple of str
        Packs that come before it.
    sources : mapping of str to Citation
        The documents it cites.
    entries : tuple of Entry
        Its values in the order of the file.
    where : str
        Name of the file, for messages; without its folder, so that products are the same everywhere.
    raw : mapping
        The file as TOML gave it.
    """

    id: str
    title: str
    title_en: str
    number: str
    note: str
    includes: tuple[str, ...]
    sources: Mapping[str, Citation]
    entries: tuple[Entry, ...]
    where: str
    raw: Mapping[str, Any]

    def set_keys(self) -> list[str]:
        """Return the keys that the pack sets (键)."""
        return [entry.key for entry in self.entries]


def packs_folder() -> Traversable:
    """Return the folder of the packs that come with the package (内置规则包目录)."""
    return files("shuibao.rules").joinpath("packs")


def pack_ids() -> list[str]:
    """
    Return the ids of the rule packs that come with the package, sorted (内置规则包).

    Examples
    --------
    >>> "national" in pack_ids()
    True
    """
    return sorted(f.name.removesuffix(".toml") for f in packs_folder().iterdir() if f.name.endswith(".toml"))


def read_pack(name: str | Path) -> Pack:
    """
    Read a pack that comes with the package, by id, or a user's own, by the path of its TOML file (读规则包).

    Parameters
    ----------
    name : str or Path
        Id such as ``"shanxi"``, or a path ending in ``.toml``.

    Raises
    ------
    CallError
        There is no such pack; the message proposes the nearest name.
    ShuibaoError
        The file is missing, is not TOML in UTF-8, or calls itself by the id of a pack that comes with the package.

    Examples
    --------
    >>> read_pack("jilin").title
    '吉林省水土保持规则'
    """
    if not str(name).endswith(".toml"):
        return _shipped(str(name))
    path = Path(name)
    pack = parse_pack(load_toml(path.name, path.read_bytes), path.name)
    if pack.id in pack_ids():
        zh = f"{path.name}：id “{pack.id}”是自带规则包的编号。请换一个 id，如“my-{pack.id}”。"
        en = f"{path.name}: id '{pack.id}' is that of a pack that comes along. Choose another, such as 'my-{pack.id}'."
        raise ShuibaoError(zh, en)
    return pack


@lru_cache(maxsize=64)
def _shipped(name: str) -> Pack:
    known = pack_ids()
    if name not in known:
        zh_hint, en_hint = suggestion(name, known)
        zh = f"没有名为“{name}”的规则包。{zh_hint}可用：{'、'.join(known)}；或给出自己的 .toml 文件路径。"
        en = f"there is no rule pack '{name}'. {en_hint}Available: {', '.join(known)}; or give your own .toml file."
        raise CallError(zh, en)
    file = packs_folder().joinpath(f"{name}.toml")
    return parse_pack(load_toml(f"{name}.toml", file.read_bytes), f"{name}.toml")


def load_toml(where: str, read: Callable[[], bytes]) -> dict[str, Any]:
    """
    Return the content of a TOML file in UTF-8, or say what is wrong with it (读 TOML).

    Parameters
    ----------
    where : str
        Name of the file, for messages.
    read : callable
        Gives the bytes.

    Raises
    ------
    ShuibaoError
        The file is missing, is not UTF-8 or is not TOML.
    """
    try:
        return tomllib.loads(read().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        zh = f"{where}：读不到这个文件（{_reason(error)}）。请检查路径。"
        en = f"{where}: the file cannot be read ({error.strerror}). Check the path."
        raise ShuibaoError(zh, en) from error
    except UnicodeDecodeError as error:
        zh, en = f"{where}：不是 UTF-8 编码。请另存为 UTF-8。", f"{where}: not in UTF-8. Save it as UTF-8."
        raise ShuibaoError(zh, en) from error
    except tomllib.TOMLDecodeError as error:
        zh = f"{where}：不是合格的 TOML（{toml_place(error)}）。请改正该处。"
        en = f"{where}: not valid TOML ({error}). Correct the line it names."
        raise ShuibaoError(zh, en) from error


def toml_place(error: tomllib.TOMLDecodeError) -> str:
    """
    Return where a TOML file is wrong, in Chinese; the error's own words if it does not say (TOML 出错处).

    Parameters
    ----------
    error : TOMLDecodeError
        What the reader of TOML said.

    Examples
    --------
    >>> toml_place(tomllib.TOMLDecodeError("Invalid value (at line 3, column 5)"))
    '第 3 行第 5 个字符'
    """
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    if found:
        return f"第 {found[1]} 行第 {found[2]} 个字符"
    return "到文件末尾还没有写完" if "end of document" in str(error) else str(error)


def _reason(error: OSError) -> str:
    """Return why a file cannot be read, in Chinese."""
    kinds = {FileNotFoundError: "不存在", IsADirectoryError: "是文件夹", PermissionError: "没有读取权限"}
    return kinds.get(type(error), str(error.strerror))


def parse_pack(raw: Mapping[str, Any], where: str) -> Pack:
    """
    Return the pack that a parsed file describes (解析规则包). Nothing is judged here; see ``checking``.

    Raises
    ------
    ShuibaoError
        There is no ``[pack]`` table with an ``id``, what should be a table is not one, or ``includes`` is no list of
        names.
    """
    head = raw.get("pack")
    if not isinstance(head, Mapping) or not isinstance(head.get("id"), str):
        zh = f'{where}：缺少 [pack] 表或其中的 id。请在文件开头写 [pack] 和 id = "…"。'
        en = f'{where}: there is no [pack] table with an id. Begin the file with [pack] and id = "…".'
        raise ShuibaoError(zh, en)
    sources, includes = raw.get("sources", {}), head.get("includes", [])
    if not isinstance(includes, list) or not all(isinstance(name, str) and name for name in includes):
        zh = f'{where}：includes 是 {includes!r}，应是规则包名的列表，如 includes = ["national"]。请改正。'
        en = f'{where}: includes is {includes!r}, should be a list of names, as includes = ["national"]. Correct it.'
        raise ShuibaoError(zh, en)
    _demand_tables(where, sources, "sources")
    _demand_tables(where, raw, "")
    return Pack(
        id=head["id"],
        title=str(head.get("title", "")),
        title_en=str(head.get("title_en", "")),
        number=str(head.get("number", "")),
        note=str(head.get("note", "")),
        includes=tuple(includes),
        sources={key: read_citation(key, entry) for key, entry in sources.items()},
        entries=tuple(_entries(raw)),
        where=where,
        raw=raw,
    )


def _demand_tables(where: str, parent: Any, path: str) -> None:
    wrong = (
        [path]
        if not isinstance(parent, Mapping)
        else [f"{path}.{k}".strip(".") for k, v in parent.items() if not isinstance(v, Mapping)]
    )
    if wrong:
        zh = f"{where}：{'、'.join(wrong)} 应当是表（[表名] 下面写键）。"
        en = f"{where}: {', '.join(wrong)} should be a table ([name] with keys below it)."
        raise ShuibaoError(zh, en)


def _entries(raw: Mapping[str, Any]) -> Iterator[Entry]:
    for table, content in raw.items():
        if table in OWN_TABLES:
            continue
        shared = {word: content[word] for word in INHERITED if word in content}
        for key, value in content.items():
            if key in TABLE_WORDS:
                continue
            words = value if isinstance(value, Mapping) else {"value": value}
            yield Entry(f"{table}.{key}", {**shared, **words})


def parameter(entry: Entry, pack: Pack, sources: Mapping[str, Citation], earlier: Parameter | None = None) -> Parameter:
    """
    Return an entry as a parameter (成参数).

    Parameters
    ----------
    entry : Entry
        The entry, found in order.
    pack : Pack
        The pack that it stands in.
    sources : mapping of str to Citation
        Where its source is looked up.
    earlier : Parameter, optional
        The value that it replaces; names that the entry does not give are taken from it. A basis not given is
        ``read`` for a verified value and ``chosen`` for a draft, a confidence not given is ``M``.
    """
    words = entry.words
    citation = sources[str(words["source"])]
    status = str(words["status"])
    return Parameter(
        key=entry.key,
        value=words["value"],
        unit=str(words["unit"]),
        status=status,
        basis=str(words.get("basis", "read" if status == "verified" else "chosen")),
        confidence=str(words.get("confidence", "M")),
        source=str(citation),
        clause=str(words.get("clause", "")),
        pack=pack.id,
        name=str(words.get("name") or (earlier.name if earlier else "")),
        name_en=str(words.get("name_en") or (earlier.name_en if earlier else "")),
        note=str(words.get("note", "")),
        citation=citation,
    )
