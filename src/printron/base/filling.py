"""Write results to a place or, if the place refuses them, to another folder."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from printron.base.place import Place


@dataclass(frozen=True)
class Filled:
    """Where files were written.

    Attributes
    ----------
    files : addresses.  refusal : a sentence if another folder took the files; else empty.
    """

    files: tuple[str, ...]
    refusal: str = ""


def fill(place: Place, write: Callable[[Path], Sequence[str]]) -> Filled:
    """Let `write` fill a place with files, without losing computed results.

    If the place refuses the files (full disk, lost connection), a new folder of this machine takes
    them.

    Parameters
    ----------
    write : see `Place.put`.
    """
    try:
        return Filled(tuple(map(place.address, place.put(write))))
    except OSError as error:
        refused = error
    for home in dict.fromkeys((tempfile.gettempdir(), os.getcwd(), str(Path.home()))):
        with suppress(OSError):
            folder = tempfile.mkdtemp(prefix="printron-results-", dir=home)
            try:
                names = write(Path(folder))
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            return Filled(tuple(f"{folder}/{name}" for name in names), _moved(refused, folder))
    return Filled((), _lost(refused))


def _moved(error: OSError, folder: str) -> str:
    reason = error.strerror or " ".join(str(error).split())
    return (
        f"cannot write '{error.filename}' ({reason}); nothing is lost: all files are in "
        f"'{folder}' instead; move them to a disk with space"
    )


def _lost(error: OSError) -> str:
    reason = error.strerror or " ".join(str(error).split())
    return (
        f"cannot write '{error.filename}' ({reason}), nor to the folder of temporary files, the "
        "current folder or the home folder; make space and give the same command again"
    )
