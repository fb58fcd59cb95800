"""Which files printron wrote: only those are written over or removed."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from printron.base.place import StoreError, place_at

HASH = "printron_circuit"  # the key under which every file names the circuit that it speaks of
_NAMED = re.compile(rf"{HASH}\W{{1,5}}([0-9a-f]{{16}})".encode())
# Keys that a JSON file of printron's has; a file of somebody else has not all of one line.
_KEYS = (
    {HASH},
    {"printron", "problems", "format"},  # an experiment
    {"front", "rule", "choice"},  # of a sweep
    {"cell", "fingerprint", "engine"},  # a characterization, a surrogate
    {"healthy", "findings"},
    {"datasets", "printron"},
    {"problems", "schedule", "selection"},  # settings beside a report
)
# Bytes that files of other kinds have, by suffix.
_BYTES = {
    ".csv": rb"\A[^\n]*\bprintron(_circuit)?\b",
    ".parquet": rb"\APAR1(?s:.*)printron",
    ".npz": rb"printron_circuit\.npy|theta0\.npy|matrix0\.npy",
    ".png": rb"made by printron",
    ".svg": rb"made by printron",
    ".md": rb"made by printron|^ *printron (experiment|sweep)",
    ".toml": rb"\A# printron ",
    ".cir": rb"\* printron_circuit: ",
}


def circuit_named_in(content: bytes) -> str | None:
    """The hash of the circuit that a file of printron's speaks of; None without one."""
    found = _NAMED.search(content)
    return found[1].decode() if found else None


def is_own(name: str, content: bytes) -> bool:
    """Whether a file shows that printron wrote the file."""
    suffix = Path(name).suffix
    if suffix == ".json":
        try:
            record = json.loads(content)
        except (ValueError, RecursionError):
            return False
        return isinstance(record, dict) and any(keys <= set(record) for keys in _KEYS)
    return suffix in _BYTES and re.search(_BYTES[suffix], content, re.MULTILINE) is not None


def check_foreign(folder: str | Path, names: Iterable[str], mark: str = "") -> None:
    """Refuse to write over files of somebody else.

    Parameters
    ----------
    names : of files that are to be written.
    mark : a file by which printron knows the folder as its own; then other files need no mark.

    Raises
    ------
    StoreError : a file of such a name does not show that printron wrote the file.
    """
    place = place_at(folder)

    def is_foreign(name: str) -> bool:
        return place.exists(name) and not is_own(name, place.read(name))

    if mark and place.exists(mark) and not is_foreign(mark):
        return
    for name in names:
        if is_foreign(name):
            raise StoreError(
                f"'{place.address(name)}' exists and carries no mark of printron; name another "
                "folder with --out, or move the file"
            )


def check_kind(folder: str | Path, other: str, kind: str) -> None:
    """Refuse a folder of results of another kind: their files have names in common.

    Parameters
    ----------
    other : the file that shows the other kind.  kind : what the folder then holds.

    Raises
    ------
    StoreError : the folder holds such results.
    """
    place = place_at(folder)
    if place.exists(other) and is_own(other, place.read(other)):
        raise StoreError(f"'{folder}' holds {kind}; name another folder with --out")
