"""Which files printron wrote: only those are overwritten or removed."""

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from printron.base.place import StoreError, place_at

HASH = "printron_circuit"  # the key under which every file names its circuit
_NAMED = re.compile(rf"{HASH}\W{{1,5}}([0-9a-f]{{16}})".encode())
# Sets of keys that mark a JSON file as printron's: the file has all keys of one line.
_KEYS = (
    {HASH},
    {"printron", "problems", "format"},  # an experiment
    {"front", "rule", "choice"},  # of a sweep
    {"cell", "fingerprint", "engine"},  # a characterization, a surrogate
    {"healthy", "findings"},
    {"datasets", "printron"},
    {"problems", "schedule", "selection"},  # settings beside a report
)
# Bytes that mark files of other kinds, by suffix.
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


def circuit_named_in(name: str, content: bytes) -> str | None:
    """The hash of the circuit that a file of printron's names; None without one.

    Parameters
    ----------
    name : name of the file; its suffix decides where the hash is.
    """
    if name.endswith(".npz"):
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return str(file[HASH])
        except Exception:  # damaged in any way, or foreign
            return None
    if name.endswith(".csv"):
        head, _, rest = content.partition(b"\n")
        named = head.rstrip().endswith(HASH.encode())
        return rest.split(b"\n", 1)[0].rpartition(b",")[2].strip().decode() if named else None
    found = _NAMED.search(content)
    return found[1].decode() if found else None


def is_own(name: str, content: bytes) -> bool:
    """Whether a file carries a mark of printron."""
    suffix = Path(name).suffix
    if suffix == ".json":
        try:
            record = json.loads(content)
        except (ValueError, RecursionError):
            return False
        return isinstance(record, dict) and any(keys <= set(record) for keys in _KEYS)
    marked = suffix in _BYTES and re.search(_BYTES[suffix], content, re.MULTILINE) is not None
    return marked or _NAMED.search(content) is not None


def check_foreign(folder: str | Path, names: Iterable[str], mark: str = "") -> None:
    """Refuse to overwrite files that printron did not write.

    Parameters
    ----------
    names : names of the files to be written.
    mark : a file that marks the folder as printron's; other files then need no mark.

    Raises
    ------
    StoreError : a file of such a name carries no mark of printron.
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
    """Refuse a folder with results of another kind, since file names overlap.

    Parameters
    ----------
    other : file that marks the other kind.  kind : name of the other kind.

    Raises
    ------
    StoreError : the folder holds such results.
    """
    place = place_at(folder)
    if place.exists(other) and is_own(other, place.read(other)):
        raise StoreError(f"'{folder}' holds {kind}; name another folder with --out")
