"""Finding ngspice and its version."""

import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

from printron.circuits.ngspice.children import run_child
from printron.errors import PrintronError

ENVIRONMENT = "PRINTRON_NGSPICE"

LOG = "ngspice.log"
MOST_OUTPUT = 16_000_000  # bytes that ngspice may print; our decks print thousands
VERSION_S = 10.0  # an answer takes 10 ms


class NgspiceError(PrintronError):
    """ngspice gave no usable result; the message names the deck that was kept, if there is one."""


class NgspiceTimeout(NgspiceError):  # noqa: N818 - likewise
    """ngspice was stopped at its time limit, and nothing is solved."""


class NgspiceMissing(NgspiceError):  # noqa: N818 - reads better than NgspiceMissingError
    """ngspice is not installed, or not at the given path."""


def executable() -> str:
    """Path of ngspice: from the environment variable PRINTRON_NGSPICE, or from PATH.

    Raises
    ------
    NgspiceMissing : one sentence with the package to install or the variable to set.
    """
    asked = os.environ.get(ENVIRONMENT)
    found = shutil.which(asked or "ngspice")
    if found:
        return found
    where = (
        f"{ENVIRONMENT} is {asked!r}, {_no_program(asked)}" if asked else "ngspice is not on PATH"
    )
    raise NgspiceMissing(
        f"{where}; install ngspice (Debian and Ubuntu: package 'ngspice') or set {ENVIRONMENT} to "
        "its path"
    )


def _no_program(path: str) -> str:
    if os.path.isdir(path):
        return "which is a folder"
    return "which may not be executed" if os.path.exists(path) else "which is no program"


def version() -> str:
    """Version of the ngspice in use, for example "39".

    Raises
    ------
    NgspiceMissing : ngspice is missing.  NgspiceError : the program does not answer like ngspice.
    """
    return _version_of(executable())


@cache
def _version_of(program: str) -> str:
    with tempfile.TemporaryDirectory(prefix="printron-", ignore_cleanup_errors=True) as name:
        log = Path(name) / LOG

        def watch(ran_s: float) -> str:
            too_long = f"was stopped after {VERSION_S:g} s" if ran_s > VERSION_S else ""
            return too_long or printed_too_much(log)

        try:
            stopped = run_child(
                [program, "--version"], Path(name), log, environment=os.environ, watch=watch
            )
            answer = printed(log)
        except OSError as error:
            stopped, answer = "", str(error)
    found = re.search(r"ngspice-(\S+)", answer)
    if not found:
        why = f"it {stopped}" if stopped else last_line(answer)
        raise NgspiceError(
            f"'{program}' does not answer like ngspice ({why}); set {ENVIRONMENT} to the path of "
            "ngspice"
        )
    return found[1][:40]


# ------------------------------------------------------------------------------ ngspice's output


def printed(log: Path) -> str:
    """The output of ngspice in a file, up to `MOST_OUTPUT` bytes."""
    with log.open("rb") as stream:
        return stream.read(MOST_OUTPUT).decode("utf-8", "replace")


def printed_too_much(log: Path) -> str:
    """ "" or a reason to stop ngspice."""
    too_much = log.stat().st_size > MOST_OUTPUT
    return f"was stopped when it had printed {MOST_OUTPUT / 1e6:.0f} MB" if too_much else ""


_TELLING = re.compile(r"error|singular|trouble|cannot|can't|too small", re.IGNORECASE)


def last_line(text: str) -> str:
    """The last line that names a fault, skipping the statistics; else the last line of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line) and not line.startswith("Note")]
    return repr((telling or lines)[-1][:300]) if lines else "(no output)"
