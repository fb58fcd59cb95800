"""The cells of a user's file as text, whatever the file's format.

Text (.csv, .tsv, .txt), also packed (.gz); Excel (.xlsx, .xls); Parquet. What had to be found out,
such as the character between the columns, is kept as words, so that a user sees what was
understood.
"""

import csv
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from printron.base.sentence import number_of
from printron.datasets.dialect import cells_of
from printron.datasets.errors import DatasetError

TEXTS = (".csv", ".tsv", ".txt")
PACKED = ".gz"
EXCEL = (".xlsx", ".xls")
PARQUET = ".parquet"
SUFFIXES = (*TEXTS, *(suffix + PACKED for suffix in TEXTS), *EXCEL, PARQUET)

# A line of the file, counted from 1, and its cells, without blanks around.
Line = tuple[int, list[str]]


class Sheet(NamedTuple):
    """The cells of a file.

    Attributes
    ----------
    lines : all lines with any text.  understood : how the file was read, where that is not plain.
    """

    lines: list[Line]
    understood: tuple[str, ...] = ()


def is_table(name: str) -> bool:
    """Whether a data set is named by the path of a table, not as a benchmark."""
    return name.lower().endswith(SUFFIXES)


def read_sheet(path: Path) -> Sheet:
    """Read all cells of a file.

    Raises
    ------
    DatasetError : one sentence: there is no such file, or its content is not what its name says.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(
            f"there is no file '{path}': check the path; a relative path starts at the folder "
            f"'{Path.cwd()}'."
        ) from error
    except OSError as error:
        raise DatasetError(
            f"cannot read '{path}' ({error.strerror}): name a readable file."
        ) from error
    except ValueError as error:  # the path contains a NUL character
        raise DatasetError(f"cannot read {str(path)!r} ({error}): name a readable file.") from error
    name = path.name.lower()
    if name.endswith(EXCEL):
        sheet = _with_reader(path, "an Excel file", _excel)
    elif name.endswith(PARQUET):
        sheet = _with_reader(path, "a Parquet file", _parquet)
    else:
        sheet = _text(path, _unpacked(path, content))
    kept = [(number, [cell.strip() for cell in cells]) for number, cells in sheet.lines]
    return Sheet([line for line in kept if any(line[1])], sheet.understood)


def _unpacked(path: Path, content: bytes) -> bytes:
    if not path.name.lower().endswith(PACKED):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"'{path}' cannot be unpacked ({error}): pack it again with gzip, or name the "
            "unpacked file."
        ) from error


def _text(path: Path, content: bytes) -> Sheet:
    try:
        return Sheet(*cells_of(content))
    except csv.Error as error:
        raise DatasetError(
            f"'{path}' cannot be read as CSV ({error}): save it as plain text with one character "
            "between the columns."
        ) from error


def _with_reader(path: Path, what: str, read: Callable[[Path], Sheet]) -> Sheet:
    """The cells that a library reads."""
    try:
        return read(path)
    except Exception as error:  # libraries raise whatever a broken file leads them to
        first = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise DatasetError(
            f"'{path}' cannot be read as {what} ({first}): save it again, or as CSV."
        ) from error


def _excel(path: Path) -> Sheet:
    """The first sheet with a table: two columns and two rows at least."""
    import pandas as pd

    sheets = pd.read_excel(
        path, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[]
    )
    filled = {name: table for name, table in sheets.items() if min(table.shape) > 1}
    name, table = next(iter((filled or sheets).items()))
    rows = enumerate(table.itertuples(index=False), start=1)
    lines = [(number, [_cell(value) for value in row]) for number, row in rows]
    many = number_of(len(sheets), "sheet")
    return Sheet(lines, (f"sheet '{name}' of {many}",) if len(sheets) > 1 else ())


def _parquet(path: Path) -> Sheet:
    """The columns, below their names; rows are counted from the first below."""
    import pandas as pd

    table = pd.read_parquet(path)
    if table.index.names != [None] or not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    rows = enumerate(table.itertuples(index=False), start=2)
    header: list[Line] = [(1, [str(name) for name in table.columns])]
    return Sheet(header + [(number, [_cell(value) for value in row]) for number, row in rows])


def _cell(value: Any) -> str:
    """A value as a text file would have it."""
    import pandas as pd

    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)
