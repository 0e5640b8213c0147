"""
Reading the columns of a rain CSV file as they come from stations and offices (雨量 CSV 文件的列).

Encodings UTF-8 (with or without mark) and GBK; comma, semicolon or tab; Chinese or English headers; lines that begin
with ``#`` before the header are skipped. Nothing here judges rain: see :mod:`shuibao.erosion.rain_records`.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

HEADERS: dict[str, tuple[str, ...]] = {
    "station": (
        *(
            "stationid",
            "station_id",
            "station",
            "站号",
            "区站号",
            "测站编码",
            "测站代码",
            "站码",
            "站点",
            "测站",
            "stcd",
        ),
        *("id", "站名", "测站名称", "name"),
    ),
    "longitude": ("longitude", "lon", "long", "lng", "经度", "东经"),
    "latitude": ("latitude", "lat", "纬度", "北纬"),
    "date": ("date", "日期", "年月日", "datetime", "time", "时间", "观测日期", "tm"),
    "year": ("year", "年", "年份"),
    "month": ("month", "月", "月份"),
    "day": ("day", "日"),
    "rain": (
        *("日雨量", "日降水量", "日降雨量", "降水量", "降雨量", "雨量", "降水", "rain", "rainfall", "precipitation"),
        *("precip", "prcp", "pcp", "pre", "rd", "drp", "p"),
    ),
}
"""Header words of each role, the preferred first; compared in lower case without a unit in brackets."""

BLANK_WORDS = ("", "-", "--", "—", "/", "na", "n/a", "nan", "null", "none", "缺测", "缺")
"""Cells that say that there is no value."""

TRACE_WORDS = ("t", "trace", "微量")
"""Cells that say that rain was too little to measure."""

UNIT_WORDS = {"mm": "mm", "毫米": "mm", "mm/day": "mm", "mm/d": "mm", "m": "m", "米": "m", "0.1mm": "0.1mm"}

DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?|(\d{4})(\d\d)(\d\d)(?:[ T].*)?")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


@dataclass
class Columns:
    """
    The columns of a file, still as text, and what could not be read as rows (文件的列).

    Parameters
    ----------
    headers : list of str
        Header words as written.
    table : pyarrow.Table
        One text column for each header, named by its position.
    torn : list of str
        Rows with more or fewer cells than the header: line of the file and cells found.
    skipped : list of int
        Lines of those rows.
    header_line : int
        Line of the file that the header stands in, from 1.
    """

    headers: list[str]
    table: pa.Table
    torn: list[str] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    header_line: int = 1

    def line(self, row: int) -> int:
        """Return the line of the file that a row (from 0) stands in, as a spreadsheet counts it (文件行号)."""
        line = self.header_line + 1 + row
        for other in self.skipped:
            line += other <= line
        return line

    def text(self, position: int) -> pa.ChunkedArray:
        """Return a column as text without blanks around the cells."""
        return pc.utf8_trim_whitespace(self.table.column(position))


def decoded(data: bytes, where: str) -> bytes:
    """
    Return the text of a file in UTF-8 from UTF-8, with or without mark, or GBK (统一编码).

    Parameters
    ----------
    data : bytes
        Content of the file.
    where : str
        Name of the file, for the message.

    Raises
    ------
    ShuibaoError
        If the content is neither, or is not text at all.

    Examples
    --------
    >>> decoded("日期,雨量".encode("gbk"), "rain.csv").decode()
    '日期,雨量'
    """
    if b"\0" in data[:65536] or data[:2] == b"PK":
        zh = f"{where}：不是文本文件（像是 Excel 工作簿或 UTF-16）；请另存为 UTF-8 或 GBK 编码的 CSV"
        en = f"{where}: not a text file (an Excel workbook or UTF-16?); save it as CSV in UTF-8 or GBK"
        raise ShuibaoError(zh, en)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode("gb18030").encode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            zh = f"{where}：第 {line} 行既不是 UTF-8 也不是 GBK 编码；请另存为其中一种"
            en = f"{where}: line {line} is neither UTF-8 nor GBK; save the file as one of them"
            raise ShuibaoError(zh, en) from error
    return data


def read_columns(path: Path, where: str) -> Columns:
    """
    Read a CSV file as columns of text (读 CSV 的列).

    Parameters
    ----------
    path : Path
        The file.
    where : str
        Its name in messages.

    Raises
    ------
    ShuibaoError
        If the file is missing, cannot be read or decoded, or holds no header.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        zh = f"{where}：文件不存在：{path}；请核对路径。"
        raise ShuibaoError(zh, f"{where}: file not found: {path}; check the path.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        zh = f"{where}：读不了文件 {path.name}；请检查路径与权限"
        en = f"{where}: the file {path.name} cannot be read ({reason}); check the path and who may read it"
        raise ShuibaoError(zh, en) from error
    text = decoded(data, where).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    position = 0
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].decode().strip()
        if line and not line.startswith("#"):
            return _split(line, text[end + 1 :], where, text.count(b"\n", 0, position) + 1)
        position = end + 1
    zh = f"{where}：文件里没有表头；请在第一行写列名，例如 站号,经度,纬度,日期,日雨量"
    en = f"{where}: there is no header; begin with column names such as station,lon,lat,date,rain_mm"
    raise ShuibaoError(zh, en)


def _split(header: str, body: bytes, where: str, header_line: int) -> Columns:
    """Read the rows below a header line."""
    delimiter = max(",;\t", key=header.count)
    headers = [cell.strip() for cell in next(csv.reader([header], delimiter=delimiter))]
    names = [str(position) for position in range(len(headers))]
    torn: list[str] = []
    skipped: list[int] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        skipped.append((row.number or 0) + header_line)
        torn.append(f"{skipped[-1]} ({row.actual_columns})")
        return "skip"

    if not body.strip():
        return Columns(headers, pa.table({name: pa.array([], pa.string()) for name in names}))
    as_text = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(body),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=note),
            convert_options=as_text,
        )
    except pa.ArrowInvalid as error:
        zh = f"{where}：不是合格的 CSV（{error}）；请检查引号是否成对"
        en = f"{where}: not valid CSV ({error}); look for a quotation mark that is not closed"
        raise ShuibaoError(zh, en) from error
    return Columns(headers, table, torn, skipped, header_line)


def plain(header: str) -> str:
    """
    Return a header word in lower case, without a unit or the hour at which a day begins (列名归一).

    Examples
    --------
    >>> plain("PRCP (mm/day)"), plain("rain_mm"), plain("日雨量（毫米）"), plain("20-20时累计降水量")
    ('prcp', 'rain', '日雨量', '降水量')
    """
    word = re.sub(r"[(（\[].*?[)）\]]", "", header).strip().casefold()
    word = re.sub(r"^(?:20[-—~～至]20|0?8[-—~～至]0?8)时(?:累计|累积)?(?=降)", "", word)
    return re.sub(r"_(?:0\.1mm|mm|m)$", "", word)


def header_unit(header: str) -> str | None:
    """
    Return the unit of rain that a header names, or None (列名里的单位).

    Examples
    --------
    >>> header_unit("降水量(0.1mm)"), header_unit("rain_mm"), header_unit("雨量")
    ('0.1mm', 'mm', None)
    """
    found = re.search(r"[(（\[](.*?)[)）\]]|_(0\.1mm|mm|m)$", header)
    if not found:
        return None
    return UNIT_WORDS.get((found[1] or found[2]).replace(" ", "").casefold().replace("0.1毫米", "0.1mm"))


def roles(headers: list[str], given: Mapping[str, str]) -> dict[str, int]:
    """
    Find which column plays which role (识别各列).

    Parameters
    ----------
    headers : list of str
        Header words of the file.
    given : mapping of str to str
        Header of a role where the user named it; such a header must exist.

    Returns
    -------
    dict of str to int
        Position of the column of each role that was found.

    Examples
    --------
    >>> roles(["站号", "日期", "日雨量(mm)"], {})
    {'station': 0, 'date': 1, 'rain': 2}
    """
    words = [plain(header) for header in headers]
    found = {}
    for role, known in HEADERS.items():
        if role in given:
            if given[role] in headers:
                found[role] = headers.index(given[role])
            continue
        hits = [words.index(word) for word in known if word in words]
        if hits:
            found[role] = hits[0]
    return found


def numbers(column: pa.ChunkedArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """
    Return a text column as numbers, and the rows that are not numbers (文本列转数值).

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Trimmed text.

    Returns
    -------
    values : (rows,) array
        Numbers; NaN where the cell is blank or no number; 0 where it says trace.
    bad : (n,) array of int
        Rows, from 0, whose cell is neither a number nor a word for missing or trace.
    """
    try:  # most files hold numbers alone
        values = _floats(pc.cast(column, pa.float64()))
    except pa.ArrowInvalid:
        word = pc.utf8_lower(column)
        trace = _mask(pc.is_in(word, value_set=pa.array(TRACE_WORDS)))
        blank = _mask(pc.is_in(word, value_set=pa.array(BLANK_WORDS)))
        numeric = _mask(pc.match_substring_regex(column, NUMBER))
        kept = pc.if_else(pa.array(numeric), column, pa.scalar(None, pa.string()))
        values = _floats(pc.cast(kept, pa.float64()))
        values[trace] = 0.0
        bad = ~(numeric | blank | trace)
    else:
        bad = np.isinf(values)
    values[np.isinf(values)] = np.nan
    return values, np.flatnonzero(bad)


def dates(column: pa.ChunkedArray) -> tuple[NDArray[np.datetime64], NDArray[np.int64], bool]:
    """
    Return a text column as days, the rows that are no date, and whether days repeat with other times (文本列转日期).

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Trimmed text such as 2012-01-31, 2012/1/31, 20120131 or 2012年1月31日, with or without a time.

    Returns
    -------
    days : (rows,) array of datetime64[D]
        NaT where the cell is no date.
    bad : (n,) array of int
        Rows, from 0, whose cell is no date.
    within_day : bool
        True if several times of one day occur.
    """
    encoded = column.combine_chunks().dictionary_encode()
    known = np.array([_day(text) for text in encoded.dictionary.to_pylist()], dtype="datetime64[D]")
    days = known[encoded.indices.to_numpy(zero_copy_only=False)] if len(encoded) else known
    valid = known[~np.isnat(known)]
    return days, np.flatnonzero(np.isnat(days)), np.unique(valid).size < valid.size


@lru_cache(maxsize=2**16)  # stations and files name the same days
def _day(text: str) -> datetime.date | None:
    """Return the day that a text names, or None."""
    found = DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a float column as a writable array, NaN for null."""
    return np.array(column.to_numpy(), dtype=np.float64)


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Return a boolean column as an array."""
    return np.asarray(column.to_numpy(), dtype=bool)
