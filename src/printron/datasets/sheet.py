"""The cells of a user's file as text, whatever the file's format.

Text (.csv, .tsv, .txt), also packed (.gz); Excel (.xlsx, .xls); Parquet. What had to be found out,
such as the character between the columns, is kept as words, so that a user sees what was
understood.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from printron.base.sentence import number_of
from printron.datasets.dialect import cells_of
from printron.datasets.errors import DatasetError

if TYPE_CHECKING:
    import pandas as pd

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
    lines : all lines with any text.
    separator : the character between the columns; None where the file is no text.
    understood : how the file was read, where that is not plain.
    """

    lines: list[Line]
    separator: str | None = None
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
        sheet = _with_reader(path, content, "an Excel file", _excel)
    elif name.endswith(PARQUET):
        sheet = _with_reader(path, content, "a Parquet file", _parquet)
    else:
        sheet = _text(path, _unpacked(path, content))
    kept = [(number, [cell.strip() for cell in cells]) for number, cells in sheet.lines]
    return sheet._replace(lines=[line for line in kept if any(line[1])])


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


def _with_reader(
    path: Path, content: bytes, what: str, read: Callable[[io.BytesIO], Sheet]
) -> Sheet:
    """The cells that a library reads."""
    try:
        return read(io.BytesIO(content))
    except Exception as error:  # libraries raise whatever a broken file leads them to
        first = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise DatasetError(
            f"'{path}' cannot be read as {what} ({first}): save it again, or as CSV."
        ) from error


def _excel(file: io.BytesIO) -> Sheet:
    """The first sheet with a table: two columns and two rows at least."""
    import pandas as pd

    sheets = pd.read_excel(
        file, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[]
    )
    filled = {name: table for name, table in sheets.items() if min(table.shape) > 1}
    name, table = next(iter((filled or sheets).items()))
    many = number_of(len(sheets), "sheet")
    said = (f"sheet '{name}' of {many}",) if len(sheets) > 1 else ()
    return Sheet(_lines(table, first=1), understood=said)


def _parquet(file: io.BytesIO) -> Sheet:
    """The columns, below their names."""
    import pandas as pd

    table = pd.read_parquet(file)
    if table.index.names != [None] or not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    return Sheet([(1, [str(name) for name in table.columns]), *_lines(table, first=2)])


def _lines(table: "pd.DataFrame", first: int) -> list[Line]:
    """The rows of a table, numbered from the first; a missing value is an empty cell."""
    whole = table.astype(object).where(table.notna(), "")
    rows = enumerate(whole.itertuples(index=False), start=first)
    return [(number, [_cell(value) for value in row]) for number, row in rows]


def _cell(value: Any) -> str:
    """A value as a text file would have it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(float(value)) if isinstance(value, float) else str(value)
