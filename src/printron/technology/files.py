"""Files that are there whole or not at all."""

import io
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, then put it in its place in one step.

    A process killed on the way leaves the old file, or none; a failure removes the part.

    Raises
    ------
    OSError : the folder cannot be made or written to.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def table_bytes(table: "pd.DataFrame", mark: dict[str, Any]) -> bytes:
    """A table as Parquet, with `mark` as JSON in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {b"printron": json.dumps(mark).encode(), **(made.schema.metadata or {})}
    file = io.BytesIO()
    pq.write_table(made.replace_schema_metadata(metadata), file, write_page_checksum=True)
    return file.getvalue()


def write_table(table: "pd.DataFrame", path: str | Path, mark: dict[str, Any]) -> None:
    """Store a table as Parquet, atomically, with `mark` as JSON in the file's metadata."""
    content = table_bytes(table, mark)
    write_atomically(path, lambda part: part.write_bytes(content))


def read_table(file: str | Path | io.BytesIO) -> tuple["pd.DataFrame", dict[str, Any]]:
    """Read back what `write_table` or `table_bytes` stored, and its mark.

    Raises
    ------
    KeyError : it has no mark.  OSError, ValueError : it cannot be read, or is damaged.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(file, page_checksum_verification=True)
    return table.to_pandas(), json.loads((table.schema.metadata or {})[b"printron"])
