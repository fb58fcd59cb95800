"""The folder of a sweep: its configuration, its finished parts, its results.

    config.json             everything that decides the results, and where it came from
    parts/part-00000.npz    learned parameters of a task's runs
    parts/part-00000.parquet  their rows; written last, so a part with rows is whole
    results.parquet, results.csv, parameters.npz    all parts together, written at the end

Every file is there whole or not at all. A part carries the hash of its parameters and of the
configuration it belongs to.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from printron.errors import PrintronError
from printron.experiments.runs import Runs, read_parameters, write_parameters
from printron.technology.files import write_atomically, write_table
from printron.technology.process import digest

FORMAT = 1
# Not part of what decides the results: a sweep goes on although these differ.
REMARKS = ("sources", "environment", "runs_per_task")


class StoreError(PrintronError):
    """A folder cannot take or give results; the message names the file and what to do."""


def check_writable(folder: str | Path) -> None:
    """Make sure that files can be written below a folder, leaving no trace.

    Raises
    ------
    StoreError : one sentence with the path and the reason.
    """
    place = Path(folder)
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        if not place.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder")
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise StoreError(
            f"cannot write to '{folder}': '{place}' does not take files ({error.strerror}); name "
            "another folder with --out"
        ) from error


def write_json(record: Any, path: Path) -> None:
    """Store a JSON object; atomic."""
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


@dataclass(frozen=True)
class Store:
    """The folder of one sweep.

    Attributes
    ----------
    folder : where everything stands.  config : as stored.
    """

    folder: Path
    config: dict[str, Any]

    @property
    def config_hash(self) -> str:
        """Hash of what decides the results."""
        return digest(_deciding(self.config))

    def part(self, task: int) -> Path:
        """Path of a task's rows."""
        return self.folder / "parts" / f"part-{task:05d}.parquet"

    def write(self, task: int, runs: Runs) -> None:
        """Store a task: its parameters, then its rows."""
        path = self.part(task)
        write_parameters(runs.parameters, path.with_suffix(".npz"))
        mark = {
            "config": self.config_hash,
            "rows": _rows_hash(runs.table),
            "parameters": _sha256(path.with_suffix(".npz")),
        }
        write_table(runs.table, path, mark)

    def read(self, task: int) -> Runs | None:
        """A finished task, or None where it is still to be done.

        Raises
        ------
        StoreError : the part is damaged, or belongs to another sweep.
        """
        path = self.part(task)
        if not path.exists():
            return None
        try:
            table, mark = _read_table(path)
            if _rows_hash(table) != mark["rows"]:
                raise ValueError("its rows are not those that were written")
        except Exception as error:
            raise _damaged(path, str(error)) from error
        if mark.get("config") != self.config_hash:
            raise StoreError(
                f"'{path}' belongs to another sweep than '{self.folder / 'config.json'}'; remove "
                "it and run again to train its runs"
            )
        arrays = path.with_suffix(".npz")
        if not arrays.exists() or _sha256(arrays) != mark["parameters"]:
            raise _damaged(arrays, "its checksum is not the one noted in the part")
        return Runs(table, read_parameters(arrays))

    def finish(self, runs: Runs) -> None:
        """Write the results of all tasks together."""
        write_results(runs, self.folder, {"config": self.config_hash})


def open_store(folder: str | Path, config: dict[str, Any]) -> Store:
    """Open the folder of a sweep, or begin one.

    Raises
    ------
    StoreError : the folder holds another sweep, or its configuration cannot be read.
    """
    folder, path = Path(folder), Path(folder) / "config.json"
    config = json.loads(json.dumps({"format": FORMAT, **config}))
    if not path.exists():
        if any((folder / "parts").glob("part-*")):
            raise StoreError(
                f"'{folder}' holds parts of a sweep without its config.json; name another folder "
                "with --out, or remove the parts"
            )
        write_json(config, path)
        return Store(folder, config)
    stored = _read_config(path)
    if _deciding(stored) != _deciding(config):
        key, theirs, ours = next(_differences(_deciding(stored), _deciding(config)))
        raise StoreError(
            f"'{folder}' holds another sweep: there '{key}' is {_short(theirs)}, here "
            f"{_short(ours)}; name another folder with --out, or repeat the settings in its "
            "config.json"
        )
    return Store(folder, stored)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process out of a folder; the lock ends with the process, however it ends.

    Raises
    ------
    StoreError : another process is at work there.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another printron is at work in '{folder}'; wait for it, or name another folder "
                "with --out"
            ) from error
        _clear_leftovers(folder)
        yield


def _clear_leftovers(parts: Path) -> None:
    """Remove what a process left that was killed while it wrote."""
    beside = parts.parent
    places = ((parts, "part"), (beside, "config"), (beside, "results"), (beside, "parameters"))
    for place, name in places:
        for leftover in place.glob(f".{name}-*"):
            leftover.unlink(missing_ok=True)


def joined(parts: list[Runs]) -> Runs:
    """All parts as one, in their order."""
    table = pd.concat([part.table for part in parts], ignore_index=True)
    each = [part.parameters for part in parts]
    return Runs(table, jax.tree.map(lambda *arrays: np.concatenate(arrays), *each))


def write_results(runs: Runs, folder: Path, mark: dict[str, str] | None = None) -> None:
    """Write `results.parquet`, `results.csv` and `parameters.npz`; row k is run k of the arrays."""
    write_parameters(runs.parameters, folder / "parameters.npz")
    write_atomically(
        folder / "results.csv", lambda part: runs.table.to_csv(part, index=False, na_rep="nan")
    )
    write_table(runs.table, folder / "results.parquet", mark or {})


def _read_table(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path, page_checksum_verification=True)
    return table.to_pandas(), json.loads((table.schema.metadata or {})[b"printron"])


def _damaged(path: Path, why: str) -> StoreError:
    reason = " ".join(why.split()).rstrip(".")
    both = f"'{path.with_suffix('.parquet')}' and '{path.with_suffix('.npz')}'"
    return StoreError(
        f"'{path}' is damaged ({reason}); remove {both} and run again to train their runs anew"
    )


def _rows_hash(table: pd.DataFrame) -> str:
    """Hash of all values: a page's checksum does not cover what stands around the pages."""
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _deciding(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in REMARKS}


def _read_config(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict) or not isinstance(stored["format"], int):
            raise ValueError("it is not the configuration of a sweep")
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            f"'{path}' cannot be read ({error}); name another folder with --out"
        ) from error
    if stored["format"] > FORMAT:
        raise StoreError(
            f"'{path}' has the format {stored['format']}; this version reads up to {FORMAT}: "
            "update printron, or name another folder with --out"
        )
    return stored


def _differences(theirs: Any, ours: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Keys whose values differ, with both values."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in dict.fromkeys([*theirs, *ours]):
            where = f"{at}.{key}" if at else key
            yield from _differences(theirs.get(key), ours.get(key), where)
    elif theirs != ours:
        yield at, theirs, ours


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:36]} ..."
