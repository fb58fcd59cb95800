"""What the commands say: tables and JSON on standard output, progress on standard error."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from printron.cli.faults import INTERRUPTED, complain


def say_json(record: Any) -> None:
    """The one JSON object of a command."""
    print(json.dumps(record, allow_nan=False))


def say(*things: Any) -> None:
    """Text and tables for a person."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for thing in things:
        console.print(thing)


def remark(*problems: Any) -> None:
    """What a person should know about the rows of these problems, on standard error."""
    for problem in problems:
        for sentence in problem.dataset.remarks:
            print(f"note: {sentence}", file=sys.stderr)


@contextmanager
def waiting(what: str, *, as_json: bool, processes: bool = False) -> Iterator[None]:
    """A spinner on standard error, for work that does not report its progress.

    Parameters
    ----------
    as_json : answer Ctrl-C as an object, too.
    processes : the work is done by other processes, which Ctrl-C must leave time to end.
    """
    from rich.console import Console

    spinner = Console(stderr=True, markup=False).status(what)
    answer = _leaving(spinner, "stopped; what was not finished was not written", as_json)
    with spinner, nullcontext() if processes else on_interrupt(answer):
        yield


@contextmanager
def progress_of(
    what: str, total: float, *, stopped: str, as_json: bool
) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error; gives the function that advances it, from any thread.

    Parameters
    ----------
    what, total : what is done, and how much of it.
    stopped : the sentence that Ctrl-C is answered by.  as_json : answer as an object, too.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True, markup=False),
    )

    with bar, on_interrupt(_leaving(bar, stopped, as_json)):
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
        bar.update(task, completed=total)  # shares may add up to a rounding error less


def _leaving(display: Any, stopped: str, as_json: bool) -> Callable[..., None]:
    """A signal handler that ends the process with a sentence, the display put away first."""

    def leave(*_: Any) -> None:
        display.stop()
        complain(stopped, as_json)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)

    return leave


@contextmanager
def on_interrupt(leave: Callable[..., None]) -> Iterator[None]:
    """Answer Ctrl-C by `leave`, which ends the process at once.

    A KeyboardInterrupt raised while compiled programs run in other threads is lost in them, or ends
    in a crash when Python is taken down around them. Files are whole or not there at any moment,
    so that the process may end at any moment.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
