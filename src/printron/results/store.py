"""The folder of an experiment: its configuration, its finished parts, its results.

    config.json             the settings that decide the results, and their origin
    parts/iris-00000.npz    learned parameters of a task's runs
    parts/iris-00000.parquet  their rows; written last, so a part with rows is complete
    results.parquet, results.csv    rows of all parts together, written at the end
    parameters.npz          of all parts, where there is one data set

A sweep is an experiment with one data set. Files are written atomically. A part carries the hashes
of its parameters and of its configuration. The folder may be on any storage that fsspec knows; see
`place`. Seeds and goals may be added; see `extend`.
"""

import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from printron.base.files import clear_unfinished, read_table, table_bytes, write_bytes
from printron.base.models import digest
from printron.base.place import Place, StoreError, place_at
from printron.base.sentence import shown
from printron.characterization import Surrogate, surrogate_files
from printron.results.config_record import FORMAT, OPEN, parse_config
from printron.results.extend import all_planned, extended, in_order, lacking, planned_keys
from printron.results.ownership import check_foreign, check_kind
from printron.results.parameters import parameter_bytes, parameters_from
from printron.results.problem import Carried
from printron.results.runs import Runs
from printron.results.table import as_read, check_written
from printron.technology import technology_from

_PART = re.compile(r"(.+)-\d{5,}\.parquet")  # names of a task's rows: the data set, and a number
# Keys that do not decide the results: an experiment continues although these differ.
CARRIED = "technology"  # process and cells as tables; their fingerprints decide
NOTES = "notes"  # on the rows of each data set
REMARKS = ("name", "sources", NOTES, "environment", "runs_per_task", CARRIED)
CONFIG, PARTS, SURROGATES = "config.json", "parts", "surrogates"
RESULTS = ("results.parquet", "results.csv", "parameters.npz")


def surrogate_names(cells: Iterable[str]) -> list[str]:
    """The files of the cells' surrogates, in a folder that carries them."""
    return [f"{SURROGATES}/{cell}.{suffix}" for cell in cells for suffix in ("npz", "json")]


def finite(value: Any) -> Any:
    """A record for JSON: None in place of numbers that are not finite."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json(record: Any, path: Path) -> list[str]:
    """Write a JSON object atomically; returns the file's name, for `fill`."""
    write_bytes(json_bytes(record), path)
    return [path.name]


@dataclass(frozen=True)
class Store:
    """The folder of one experiment.

    Attributes
    ----------
    place : the folder.  config : the configuration, as stored.
    """

    place: Place
    config: dict[str, Any]

    @property
    def config_hash(self) -> str:
        """Hash of the settings that decide a run."""
        return config_hash(self.config)

    def write(self, task: str, runs: Runs) -> Runs:
        """Store a task: its parameters, then its rows.

        Returns
        -------
        The runs as they are stored: each row with the hash of the configuration.
        """
        table = check_written(runs.table).assign(config=self.config_hash)
        arrays = parameter_bytes(runs.parameters)
        mark = {
            "config": self.config_hash,
            "rows": _rows_hash(table),
            "parameters": hashlib.sha256(arrays).hexdigest(),
        }
        self.place.write(f"{PARTS}/{task}.npz", arrays)
        self.place.write(f"{PARTS}/{task}.parquet", table_bytes(table, mark))
        return Runs(table, runs.parameters)

    def read(self, task: str) -> Runs | None:
        """A finished task, or None for a task still to be done.

        Raises
        ------
        StoreError : the part is damaged, or belongs to another experiment.
        """
        if not self.place.exists(f"{PARTS}/{task}.parquet"):
            return None
        table, mark = self._rows(task)
        name = f"{PARTS}/{task}.npz"
        try:
            arrays = self.place.read(name)
        except FileNotFoundError:
            arrays = b""
        if hashlib.sha256(arrays).hexdigest() != mark.get("parameters"):
            raise self._damaged(task, name, "its checksum is not the one noted in the part")
        with np.load(io.BytesIO(arrays), allow_pickle=False) as file:
            return Runs(table, parameters_from(dict(file)))

    def tasks(self) -> list[str]:
        """Names of the finished tasks, in the order of the results."""
        order = {name: k for k, name in enumerate(self.config["problems"])}
        found = map(_PART.fullmatch, self.place.names(PARTS))
        parts = [(order[part[1]], part[0][:-8]) for part in found if part and part[1] in order]
        return [task for _, task in sorted(parts)]

    def table(self) -> pd.DataFrame:
        """Rows of all finished tasks.

        Raises
        ------
        StoreError : a part is damaged, or belongs to another experiment.
        """
        rows = [self._rows(task)[0] for task in self.tasks()]
        if not rows:
            return pd.DataFrame()
        table = pd.concat(rows, ignore_index=True)
        return table.iloc[in_order(table, self.config)].reset_index(drop=True)

    def finish(self, parts: list[Runs]) -> None:
        """Write the results of all tasks together."""
        table = pd.concat([part.table for part in parts], ignore_index=True)
        one = len(self.config["problems"]) == 1
        arrays = parameter_bytes(joined(parts).parameters) if one else None
        _write_results(self.place, table, arrays, {"config": self.config_hash})

    @contextmanager
    def carried(self) -> Iterator[Carried | None]:
        """Process, cells and surrogates that the folder holds; None in older folders."""
        if CARRIED not in self.config:
            yield None
            return
        where = f"{self.place.address(CONFIG)}: {CARRIED}"
        library = technology_from(self.config[CARRIED], where)
        names = [f"{SURROGATES}/{name}" for name in self.place.names(SURROGATES)]
        with self.place.fetched(names) as here:
            yield Carried(library, here / SURROGATES)

    def _rows(self, task: str) -> tuple[pd.DataFrame, dict[str, str]]:
        """Rows of a finished task and the hashes noted with them, checked."""
        name = f"{PARTS}/{task}.parquet"
        try:
            table, mark = read_table(io.BytesIO(self.place.read(name)))
            whole = _rows_hash(table) == mark["rows"]
        except FileNotFoundError:
            raise
        except Exception as error:
            raise self._damaged(task, name, str(error)) from error
        if not whole:
            raise self._damaged(task, name, "its rows differ from those written")
        address = self.place.address(name)
        own = mark.get("config") == self.config_hash
        whole_table = as_read(table, self.config, address) if own else table
        if not own or not all_planned(whole_table, self.config):
            raise StoreError(
                f"'{address}' belongs to another experiment than "
                f"'{self.place.address(CONFIG)}'; remove the part and run again to train its runs"
            )
        return whole_table, mark

    def _damaged(self, task: str, name: str, why: str) -> StoreError:
        reason = " ".join(why.split()).rstrip(".")
        part = self.place.address(f"{PARTS}/{task}")
        return StoreError(
            f"'{self.place.address(name)}' is damaged ({reason}); remove '{part}.parquet' and "
            f"'{part}.npz' and run again to train their runs"
        )


@contextmanager
def store_for(
    folder: str | Path, config: dict[str, Any], surrogates: Iterable[Surrogate] = ()
) -> Iterator[Store]:
    """The locked folder of an experiment, created where there is none; see also `alone`.

    Parameters
    ----------
    surrogates : surrogates of the cells, for a new folder.

    Raises
    ------
    StoreError : the folder holds another experiment, or its configuration cannot be read.
    """
    place = _opened(folder, config).place  # a refused folder is left unchanged
    with alone(place):
        store = _opened(folder, config)  # another process may have created one meanwhile
        new = not place.exists(CONFIG)
        if new:
            for surrogate in surrogates:
                for name, content in surrogate_files(surrogate).items():
                    place.write(f"{SURROGATES}/{name}", content)
        if new or _read_config(place) != store.config:
            place.write(CONFIG, json_bytes(store.config))
        yield store


def _opened(folder: str | Path, config: dict[str, Any]) -> Store:
    """The folder of an experiment; nothing is written."""
    place = place_at(folder)
    config = json.loads(json.dumps({"format": FORMAT, **config}))
    if not place.exists(CONFIG):
        _check_free(folder, config)
        if any(name.endswith(".parquet") for name in place.names(PARTS)):
            raise StoreError(
                f"'{folder}' holds parts of an experiment without its config.json; name another "
                "folder with --out, or remove the parts"
            )
        return Store(place, config)
    stored = _read_config(place)
    if stored["format"] != FORMAT:
        raise StoreError(
            f"'{folder}' holds an experiment of an earlier version (format {stored['format']}), "
            "which can be read but not continued; name another folder with --out"
        )
    if deciding(stored) != deciding(config):
        key, old, new = next(_differences(deciding(stored), deciding(config)))
        raise StoreError(
            f"'{folder}' holds another experiment: its '{key}' is {shown(old)}, not {shown(new)}; "
            "name another folder with --out, or repeat the settings in its config.json"
        )
    if lacks := lacking(stored, config):
        raise StoreError(
            f"'{folder}' holds another experiment: its '{lacks}' is {shown(stored[lacks])}, not "
            f"{shown(config.get(lacks))}; give all stored values and any further ones to add, or "
            "name another folder with --out"
        )
    return Store(place, extended(stored, config))


def _check_free(folder: str | Path, config: dict[str, Any]) -> None:
    """Refuse a folder in which an experiment would overwrite foreign files, or those of a circuit.

    Raises
    ------
    StoreError : names the file.
    """
    check_kind(folder, "circuit.json", "a circuit")
    cells = config.get(CARRIED, {}).get("cells", ())
    check_foreign(folder, (CONFIG, *RESULTS, *surrogate_names(cells)))


def stored_at(folder: str | Path) -> Store:
    """The experiment stored in a folder.

    Raises
    ------
    StoreError : the folder holds none, or its configuration cannot be read.
    """
    place = place_at(folder)
    if not place.exists(CONFIG):
        raise StoreError(
            f"'{folder}' holds no experiment (no config.json); name a folder that 'printron "
            "experiment' or 'printron sweep' wrote with --out"
        )
    return Store(place, _read_config(place))


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Lock a folder on a local disk against other processes; other storage is not locked.

    The lock ends with the process, in whatever way the process ends.

    Raises
    ------
    StoreError : another process has locked the folder.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    if not place.local:
        yield
        return
    parts = place.local / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    with (parts / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another printron process is at work in '{place.url}'; wait for its end, or name "
                "another folder with --out"
            ) from error
        clear_unfinished((place.local, parts))
        yield


def joined(parts: list[Runs]) -> Runs:
    """All parts of one problem as one, in their order."""
    table = pd.concat([part.table for part in parts], ignore_index=True)
    each = [part.parameters for part in parts]
    return Runs(table, jax.tree.map(lambda *arrays: np.concatenate(arrays), *each))


def write_results(runs: Runs, folder: Path) -> list[str]:
    """Write `results.parquet`, `results.csv` and `parameters.npz`; row k is run k of the arrays.

    Returns
    -------
    Names of the files.
    """
    _write_results(place_at(folder), runs.table, parameter_bytes(runs.parameters), {})
    return list(RESULTS)


def _write_results(
    place: Place, table: pd.DataFrame, arrays: bytes | None, mark: dict[str, str]
) -> None:
    check_written(table)
    if arrays is not None:
        place.write("parameters.npz", arrays)
    finite_table = table.replace([np.inf, -np.inf], np.nan)  # not finite: an empty cell
    place.write("results.csv", finite_table.to_csv(index=False).encode())
    place.write("results.parquet", table_bytes(table, mark))


def config_hash(config: dict[str, Any]) -> str:
    """Hash of the settings that decide the runs of a configuration."""
    return digest(deciding(config))


def json_bytes(record: Any) -> bytes:
    """A JSON object as the bytes of a file."""
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def _rows_hash(table: pd.DataFrame) -> str:
    """Hash of all values: checksums of Parquet pages do not cover the bytes around the pages."""
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def deciding(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide a run, without the list of runs (with it before format 4)."""
    beside = () if config.get("format", FORMAT) < OPEN else planned_keys()
    return {key: value for key, value in settings(config).items() if key not in beside}


def settings(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide the results: no names, folders, machines, or cutting into tasks."""
    return {key: value for key, value in config.items() if key not in REMARKS}


def _read_config(place: Place) -> dict[str, Any]:
    where = place.address(CONFIG)
    try:
        content = place.read(CONFIG)
    except OSError as error:
        raise StoreError(
            f"'{where}' cannot be read ({error}); name another folder with --out"
        ) from error
    return parse_config(content, where)


def _differences(old: Any, new: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Keys whose values differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            where = f"{at}.{key}" if at else key
            yield from _differences(old.get(key), new.get(key), where)
    elif old != new:
        yield at, old, new
