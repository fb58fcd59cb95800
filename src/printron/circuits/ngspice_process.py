"""Finding and running ngspice.

What counts is the result file. ngspice writes notes to its error stream on success and can leave
with code 0 after a failure, so neither is looked at. User init files are not read (`-n`): they may
switch on compatibility modes that change what a netlist means.
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from printron.circuits.raw_file import Plot, read_raw
from printron.errors import PrintronError

ENVIRONMENT = "PRINTRON_NGSPICE"

RAW, _LOG = "results.raw", "ngspice.log"
END = "printron: end of the deck"


class NgspiceError(PrintronError):
    """ngspice gave no usable result; the message names the deck that was kept, if there is one."""


class NgspiceMissing(NgspiceError):  # noqa: N818 - says it better than NgspiceMissingError
    """ngspice is not installed, or not where it was said to be."""


def executable() -> str:
    """Path of ngspice: what the environment variable PRINTRON_NGSPICE says, or from PATH.

    Raises
    ------
    NgspiceMissing : one sentence that says what to install or to set.
    """
    asked = os.environ.get(ENVIRONMENT)
    found = shutil.which(asked or "ngspice")
    if found:
        return found
    where = (
        f"{ENVIRONMENT} is {asked!r}, which is no program" if asked else "ngspice is not on PATH"
    )
    raise NgspiceMissing(
        f"{where}; install ngspice (Debian and Ubuntu: package 'ngspice') or set {ENVIRONMENT} to "
        "its path"
    )


def version() -> str:
    """Version of the ngspice in use, for example "39".

    Raises
    ------
    NgspiceMissing : there is none.  NgspiceError : the program does not answer like ngspice.
    """
    return _version_of(executable())


@cache
def _version_of(program: str) -> str:
    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            stdin=subprocess.DEVNULL,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        answer = str(error)
    found = re.search(r"ngspice-(\S+)", answer)
    if not found:
        raise NgspiceError(
            f"'{program}' does not answer like ngspice ({_last_line(answer)}); set {ENVIRONMENT} "
            "to the path of ngspice"
        )
    return found[1]


class Run(NamedTuple):
    """What one ngspice process left behind."""

    plots: list[Plot]
    reached_end: bool  # the last line of the control section ran, and the result file is whole
    ending: str  # how it ended, for a person
    log: str


@dataclass(frozen=True)
class Runner:
    """How decks are run: stopped after `timeout_s`; decks that fail are kept in `keep_dir`."""

    timeout_s: float
    keep_dir: str | Path | None

    def run(self, deck: str, *options: str) -> Run:
        """Run a deck in a folder of its own, where it writes its results."""
        program = executable()
        environment = {**os.environ, "SPICE_ASCIIRAWFILE": "0", "OMP_NUM_THREADS": "1"}
        with tempfile.TemporaryDirectory(prefix="printron-") as name:
            folder = Path(name)
            (folder / "deck.cir").write_text(deck, encoding="utf-8")
            # To a file, not a pipe: a pipe can stay open in a child after the process was stopped.
            with (folder / _LOG).open("wb") as log:
                try:
                    subprocess.run(
                        [program, "-n", "-b", *options, "deck.cir"],
                        cwd=folder,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        timeout=self.timeout_s,
                        check=False,
                    )
                    stopped = ""
                except subprocess.TimeoutExpired:
                    stopped = f"ngspice was stopped after {self.timeout_s:g} s; "
                except OSError as error:
                    raise NgspiceError(f"'{program}' cannot be run ({error})") from error
            text = (folder / _LOG).read_text(encoding="utf-8", errors="replace")
            raw = folder / RAW
            plots, whole = read_raw(raw.read_bytes() if raw.exists() else b"")
        ending = f"{stopped}its last words were: {_last_line(text)}"
        return Run(plots, whole and END in text, ending, text)

    def keep(self, deck: str, run: Run) -> Path:
        """Keep a deck that failed, with ngspice's output beside it."""
        if self.keep_dir is not None:
            Path(self.keep_dir).mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="printron-failed-deck-", dir=self.keep_dir))
        (folder / "deck.cir").write_text(deck, encoding="utf-8")
        (folder / _LOG).write_text(run.log, encoding="utf-8")
        return folder / "deck.cir"


_TELLING = re.compile(r"error|singular|trouble|cannot|can't|too small", re.IGNORECASE)


def _last_line(text: str) -> str:
    """The last line that says what went wrong, past the statistics; else the last line of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line) and not line.startswith("Note")]
    return repr((telling or lines)[-1][:300]) if lines else "(no output)"
