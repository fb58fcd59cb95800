"""Child processes that do not outlive the program.

Each leads a session of its own: its descendants are ended with it, and Ctrl-C in a terminal reaches
only the program, which ends the children itself (`end_all`). If the program dies without notice
(kill -9, a crash), a guardian ends them, one small shell for all: it reads the running sessions
from a pipe, and ends them when the pipe closes. PR_SET_PDEATHSIG would have to be set between fork
and exec, in the copy of a process with many threads, and reaches no grandchild.
"""

import atexit
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from printron.errors import PrintronError

Keep = Callable[[], Path | None]

LONGEST_WAIT_S = 0.05  # between two polls of a process: the longest delay in noticing its end

_GUARDIAN = """trap '' INT TERM HUP
running=
while read -r what group; do
  case $what in
    began) running="$running $group" ;;
    ended) rest=; for one in $running; do [ "$one" = "$group" ] || rest="$rest $one"; done
      running=$rest ;;
  esac
done
for one in $running; do kill -s KILL -- "-$one"; done
"""

_starting = threading.Lock()
_closed = threading.Event()  # the program is about to end: nothing more is started
_running: "set[_Child]" = set()


class ProgramEnding(PrintronError):  # noqa: N818 - not an error
    """`end_all` was called: no process is started any more."""


class _Child:
    """A process with its descendants."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        log: IO[bytes],
        keep: Keep,
    ) -> None:
        self.keep = keep
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End the process and its whole session, also descendants that outlived the process."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # a hanging disk holds even killed processes
            self.process.wait(timeout=5)


def run_child(
    command: Sequence[str],
    folder: Path,
    log: Path,
    *,
    environment: Mapping[str, str],
    watch: Callable[[float], str],
    keep: Keep = lambda: None,
) -> str:
    """Run a program to its end, in any thread.

    Parameters
    ----------
    folder : working folder.
    log : file for the output: a pipe can stay open in a child after the process was stopped.
    watch : called repeatedly with the time since the start, s; gives "" or a reason to stop.
    keep : called when `end_all` ends the program; keeps its work and returns the path.

    Returns
    -------
    "" or the reason of `watch`. In any case no process is left running.

    Raises
    ------
    OSError : the program cannot be run.  ProgramEnding : all processes are being ended.
    """
    with log.open("wb") as stream:
        with _starting:
            if _closed.is_set():
                raise ProgramEnding("no process is started any more: the program is ending")
            guardian = _guardian_of_this_process()  # first, so that it knows of the child at once
            child = _Child(command, folder, environment, stream, keep)
            guardian.send(f"began {child.process.pid}")
            _running.add(child)
        try:
            start, wait_s, why = time.monotonic(), 0.0005, ""
            while not why and child.process.poll() is None:
                why = watch(time.monotonic() - start)
                if not why:
                    time.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        finally:
            child.kill()
            guardian.send(f"ended {child.process.pid}")
            _running.discard(child)
    if _closed.is_set():  # ended by `end_all`: no failure of the process itself
        raise ProgramEnding("the process was ended: the program is ending")
    return why


def end_all() -> list[Path]:
    """End every process, for a program that is about to end; may be called by a signal handler.

    Returns
    -------
    Files in which their work was kept.
    """
    _closed.set()
    # The interrupted thread may be just starting a process: do not wait for ever.
    waited = _starting.acquire(timeout=1)
    try:
        children = list(_running)
        for child in children:
            child.kill()
        return [path for path in (child.keep() for child in children) if path is not None]
    finally:
        if waited:
            _starting.release()


# ---------------------------------------------------------------------------------- the guardian


class _Guardian:
    """A shell that ends the running sessions when this process is gone."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.pipe = -1
        reading, writing = os.pipe()
        try:
            self.shell = subprocess.Popen(
                ["/bin/sh", "-c", _GUARDIAN],
                cwd="/",
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.pipe = writing
            atexit.register(self.dismiss)
        except OSError:  # no shell, no guardian
            os.close(writing)
        finally:
            os.close(reading)

    def send(self, line: str) -> None:
        with suppress(OSError):
            os.write(self.pipe, f"{line}\n".encode())

    def dismiss(self) -> None:
        if self.owner == os.getpid():
            os.close(self.pipe)
            with suppress(subprocess.TimeoutExpired):
                self.shell.wait(timeout=1)


_guardian: _Guardian | None = None


def _guardian_of_this_process() -> _Guardian:
    global _guardian
    if _guardian is None or _guardian.owner != os.getpid():
        _guardian = _Guardian()
    return _guardian
