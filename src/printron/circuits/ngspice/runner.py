"""Running decks in ngspice, all processes of one job under one time limit.

Only the result file counts. ngspice writes notes to its error stream on success and can exit with
code 0 after a failure, so neither is checked. User init files are not read (`-n`): they may switch
on compatibility modes that change the meaning of a netlist.
"""

import math
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from printron.circuits.ngspice.children import ProgramEnding, run_child
from printron.circuits.ngspice.process import (
    LOG,
    NgspiceError,
    NgspiceTimeout,
    executable,
    last_line,
    printed,
    printed_too_much,
)
from printron.circuits.ngspice.raw_file import Plot, read_raw
from printron.errors import PrintronError

RAW, DECK = "results.raw", "deck.cir"
END = "printron: end of the deck"
MOST_RESULTS = 1_000_000_000  # bytes of a result file; the largest of ours is a hundredth of this
SHARE = 6  # one process has a sixth of all the time, so that a hanging deck leaves time
MOST_KEPT = 2  # failed decks kept of one job: the others mostly fail alike
ANNOUNCED_S = 10.0  # a process that runs longer is announced; sooner under a short limit

Progress = Callable[[str], None]


class NgspiceStopped(NgspiceError):  # noqa: N818 - not an error of ngspice
    """The job was cancelled, by Ctrl-C or since another part of the job failed."""


class Run(NamedTuple):
    """Results of one ngspice process."""

    plots: list[Plot]
    reached_end: bool  # the last line of the control section ran, and the result file is whole
    ending: str  # how the process ended, for users
    log: str
    late: bool = False  # stopped at the time limit


@dataclass(eq=False)
class _Process:
    """A deck that is being run."""

    deck: str
    folder: Path
    limit_s: float
    announced: bool = False
    late: bool = False  # stopped at the time limit

    @property
    def size(self) -> int:
        """Size of the results, bytes."""
        raw = self.folder / RAW
        return raw.stat().st_size if raw.is_file() else 0


class Runner:
    """Runs decks, under limits.

    Parameters
    ----------
    timeout_s : time limit of all processes together, from now on, s.
    keep_dir : where decks that fail are kept; default: the system's folder for temporary files.
    process_s : time limit of one process, s; default: a sixth of all.
    progress : called about once a second with a sentence while a process takes long (from 10 s on,
        or half of its limit), with "" when that process has ended; from any thread.
    stop : event on which every process is ended and none is started.
    """

    def __init__(
        self,
        timeout_s: float,
        keep_dir: str | Path | None = None,
        *,
        process_s: float | None = None,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        if not (math.isfinite(timeout_s) and timeout_s > 0):
            raise PrintronError(f"got a limit of {timeout_s} s for ngspice; give a time above 0 s")
        self.timeout_s, self.keep_dir = timeout_s, keep_dir
        self.process_s = timeout_s / SHARE if process_s is None else process_s
        self.progress = progress
        self.stop = stop or threading.Event()
        self._failed = threading.Event()  # likewise, for these processes alone
        self.hung = False  # a process was stopped at its time limit
        self._begin = time.monotonic()
        self._processes: list[_Process] = []  # the oldest first
        self._announce = threading.Lock()
        self._next_announcement = 0.0
        self._keeping = threading.Lock()
        self._kept: list[Path] = []  # decks that failed

    @property
    def over(self) -> bool:
        """Whether all the time is used up."""
        return self._left_s <= 0

    @property
    def _left_s(self) -> float:
        return self._begin + self.timeout_s - time.monotonic()

    @property
    def late(self) -> str:
        """The reason why no further deck is run."""
        return f"the {self.timeout_s:.3g} s that ngspice had for all were used up before"

    def error(self, sentence: str, why: str) -> NgspiceError:
        """The error that nothing was solved, with the time spent where a limit was the cause."""
        if not self.hung:
            return NgspiceError(f"{sentence}: {why}")
        spent = time.monotonic() - self._begin
        return NgspiceTimeout(
            f"{sentence} in {spent:.3g} s of the {self.timeout_s:.3g} s that ngspice had: {why}"
        )

    @contextmanager
    def workers(self, count: int) -> Iterator[ThreadPoolExecutor]:
        """Threads that run decks; on any exception all processes are ended at once."""
        with ThreadPoolExecutor(count) as pool:
            try:
                yield pool
            except BaseException:
                self._failed.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def run(self, deck: str, *options: str) -> Run:
        """Run a deck in a temporary folder, to which ngspice writes the results.

        Raises
        ------
        NgspiceStopped : `stop` was set.  NgspiceError : ngspice cannot be run.
        """
        program = executable()
        with tempfile.TemporaryDirectory(prefix="printron-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / DECK).write_text(deck, encoding="utf-8")
            process = _Process(deck, folder, max(0.0, min(self.process_s, self._left_s)))
            stopped = self._run([program, "-n", "-b", *options, DECK], process)
            text = printed(folder / LOG)
            raw = folder / RAW
            readable = raw.is_file() and raw.stat().st_size <= MOST_RESULTS
            plots, whole = read_raw(raw.read_bytes() if readable else b"")
        ending = f"{stopped}its last words were: {last_line(text)}"
        return Run(plots, whole and END in text, ending, text, process.late)

    def _run(self, command: list[str], process: _Process) -> str:
        """Run a process to its end; "" or why it was stopped."""
        folder = process.folder
        self._processes.append(process)
        try:
            why = run_child(
                command,
                folder,
                folder / LOG,
                environment={**os.environ, "SPICE_ASCIIRAWFILE": "0", "OMP_NUM_THREADS": "1"},
                watch=lambda ran_s: self._watch(process, ran_s),
                keep=lambda: self._keep_if_announced(process),
            )
        except ProgramEnding as error:
            raise NgspiceStopped(str(error)) from error
        except OSError as error:
            raise NgspiceError(f"'{command[0]}' cannot be run ({error})") from error
        finally:
            self._processes.remove(process)
            if process.announced and self.progress is not None:
                self.progress("")
        return f"ngspice {why}; " if why else ""

    def _watch(self, process: _Process, ran_s: float) -> str:
        if self.stop.is_set() or self._failed.is_set():
            raise NgspiceStopped("ngspice was stopped, since its job was cancelled")
        if ran_s >= process.limit_s:
            self.hung = process.late = True
            return f"was stopped after {self._limit_text(process)}"
        if process.size > MOST_RESULTS:
            return f"was stopped when its results took {MOST_RESULTS / 1e9:.0f} GB"
        if ran_s >= min(ANNOUNCED_S, self.process_s / 2):
            self._report(process, ran_s)
        return printed_too_much(process.folder / LOG)

    def _limit_text(self, process: _Process) -> str:
        """The time limit of a process, with the limit for all where that cut it short."""
        if process.limit_s >= min(self.process_s, 0.99 * self.timeout_s):
            return f"{process.limit_s:.3g} s"
        return f"{process.limit_s:.3g} s, at the end of the {self.timeout_s:.3g} s for all"

    def _report(self, process: _Process, ran_s: float) -> None:
        """Report the process that is being waited for: the oldest of several."""
        with self._announce:
            now = time.monotonic()
            due = self._processes[:1] == [process] and now >= self._next_announcement
            process.announced = process.announced or due
            if not due:
                return
            self._next_announcement = now + 1.0
        if self.progress is not None:
            self.progress(
                f"ngspice has worked for {ran_s:.0f} s on {process.folder / DECK}; it is stopped "
                f"after {process.limit_s:.3g} s, and all remaining decks in "
                f"{max(0.0, self._left_s):.0f} s"
            )

    def _keep_if_announced(self, process: _Process) -> Path | None:
        """Keep a hanging deck when the program is ended, and remove its folder."""
        text, kept = "", None
        with suppress(OSError):  # its thread may be clearing up by now
            text = printed(process.folder / LOG)
        if process.announced:
            kept = self._write(process.deck, text)
        shutil.rmtree(process.folder, ignore_errors=True)
        return kept

    def keep(self, deck: str, run: Run) -> str:
        """Keep a failed deck with ngspice's output, if it is one of the first.

        Returns
        -------
        The path of this deck, or of the first one, as a part of a sentence.
        """
        with self._keeping:
            if len(self._kept) < MOST_KEPT:
                self._kept.append(self._write(deck, run.log))
                return f"the deck is kept at {self._kept[-1]}"
            return f"the first deck that failed is kept at {self._kept[0]}"

    def _write(self, deck: str, log: str) -> Path:
        folder = self._folder_to_keep_in()
        (folder / DECK).write_text(deck, encoding="utf-8")
        (folder / LOG).write_text(log, encoding="utf-8")
        return folder / DECK

    def _folder_to_keep_in(self) -> Path:
        name = "printron-failed-deck-"
        if self.keep_dir is not None:
            with suppress(OSError):  # a fault of ngspice is reported in any case
                Path(self.keep_dir).mkdir(parents=True, exist_ok=True)
                return Path(tempfile.mkdtemp(prefix=name, dir=self.keep_dir))
        return Path(tempfile.mkdtemp(prefix=name))
