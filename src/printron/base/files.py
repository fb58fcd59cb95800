"""Atomic files, and the unfinished files that a killed process may leave."""

import errno
import hashlib
import io
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# The second half of such a name is a hash of the first. No other program and no person chooses
# such a name, so that the file may be removed.
_UNFINISHED = re.compile(r"\.printron-([0-9a-f]{16})-([0-9a-f]{16})(\.[A-Za-z0-9]+)?")


def _proof(number: str) -> str:
    return hashlib.sha256(f"printron unfinished file {number}".encode()).hexdigest()[:16]


def unfinished_name(path: Path) -> str:
    """A new name for the unfinished file of `path`; keeps the suffix, which libraries would add."""
    number = secrets.token_hex(8)
    suffix = path.suffix if re.fullmatch(r"\.[A-Za-z0-9]+", path.suffix, re.ASCII) else ""
    return f".printron-{number}-{_proof(number)}{suffix}"


def is_unfinished(name: str) -> bool:
    """Whether a file's name is one that `unfinished_name` made."""
    found = _UNFINISHED.fullmatch(name)
    return found is not None and found[2] == _proof(found[1])


def clear_unfinished(folders: Iterable[Path]) -> None:
    """Remove unfinished files of killed processes, and nothing else."""
    for folder in folders:
        for path in folder.iterdir() if folder.is_dir() else ():
            if is_unfinished(path.name) and path.is_file():
                path.unlink(missing_ok=True)


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename that file to `path`.

    A killed process leaves the old file, or none; a failure removes the temporary file.

    Raises
    ------
    OSError : the folder cannot be made or written to; names `path`.
    """
    path = Path(path)
    part = path.with_name(unfinished_name(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise _named(error, path) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_together(
    folder: Path, contents: Mapping[str, bytes], stale: Iterable[str] = ()
) -> tuple[str, ...]:
    """Store files that belong together: all are written before the first is renamed.

    A full disk, or a process killed while writing, leaves the earlier files unchanged.

    Parameters
    ----------
    contents : by name below the folder, in the order of renaming.
    stale : names of files to remove first.

    Returns
    -------
    Names of the files.

    Raises
    ------
    OSError : a file cannot be written; names the file.
    """
    parts: dict[Path, Path] = {}
    path = folder
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            parts[path] = path.with_name(unfinished_name(path))
            parts[path].write_bytes(content)
            parts[path].chmod(0o644)
        for name in stale:
            path = folder / name
            path.unlink(missing_ok=True)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        raise _named(error, path) from error
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return tuple(contents)


def _named(error: OSError, path: Path) -> OSError:
    """The same error with the final file's name: errors of a full disk name no file, others the
    unfinished file."""
    return OSError(error.errno or errno.EIO, error.strerror or str(error), str(path))


def write_bytes(content: bytes, path: str | Path) -> None:
    """Store bytes; atomic.

    Raises
    ------
    OSError : the folder cannot be made or written to; names `path`.
    """
    write_atomically(path, lambda part: part.write_bytes(content))


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
    write_bytes(table_bytes(table, mark), path)


def read_table(file: str | Path | io.BytesIO) -> tuple["pd.DataFrame", dict[str, Any]]:
    """Read back what `write_table` or `table_bytes` stored, and its mark.

    Raises
    ------
    KeyError : the file has no mark.  OSError, ValueError : unreadable or damaged file.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(file, page_checksum_verification=True)
    return table.to_pandas(), json.loads((table.schema.metadata or {})[b"printron"])
