"""Output of the commands: tables and JSON on standard output, progress on standard error.

All text passes through `visible`, since names by others may contain control characters.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from printron.cli.faults import INTERRUPTED, as_line, complain
from printron.cli.notes import end_processes, notes_on
from printron.cli.sheet import Sheet, wrapped
from printron.cli.streams import Display, standard_output, tell
from printron.errors import visible

_STYLES = {"title": "italic", "head": "bold", "caption": "dim italic"}


def say_json(record: Any) -> None:
    """The one JSON object of a command."""
    _write(as_line(record))


def say_text(text: str) -> None:
    """Lines without wrapping, for a program or a file."""
    _write("\n".join(map(visible, text.split("\n"))))


def say_file(text: str) -> None:
    """A file's text: unchanged for a file or a program, made visible on a terminal."""
    if sys.stdout.isatty():
        say_text(text)
    else:
        _write(text)


def _write(text: str) -> None:
    with standard_output():
        print(text)


def say(*parts: str | Sheet) -> None:
    """Sentences and tables for a person, as wide as the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    with standard_output():
        for each in parts:
            lines = (
                each.lines(console.width)
                if isinstance(each, Sheet)
                else [(line, "body") for line in wrapped(visible(each), console.width)]
            )
            for line, part in lines:
                console.print(Text(line, style=_STYLES.get(part, "")), soft_wrap=True)


def remark(*problems: Any) -> None:
    """Show the remarks on the rows of these problems, on standard error."""
    for problem in problems:
        notes(problem.dataset.remarks)


def notes(sentences: Iterable[str]) -> None:
    """Show notes on standard error."""
    for sentence in sentences:
        tell(visible(f"note: {sentence}"))


@contextmanager
def waiting(
    what: str,
    *,
    as_json: bool,
    processes: bool = False,
    stopped: str = "stopped; unfinished results were not written",
) -> Iterator[Callable[[str], None]]:
    """A spinner on standard error, for work that does not report its progress.

    Gives the function that shows what the command waits for, from any thread; "" ends the note.

    Parameters
    ----------
    as_json : answer Ctrl-C also as an object.
    processes : other processes work, and are ended with this one.
    stopped : the sentence after Ctrl-C.
    """
    from rich.console import Console
    from rich.text import Text

    display: Any = Display()
    spinner = Console(file=display, markup=False, emoji=False).status(Text(visible(what)))
    answer = _leaving(spinner, stopped, as_json)
    with spinner, on_interrupt(answer, processes):
        yield notes_on(what, spinner.console, lambda text: spinner.update(Text(text)))


@contextmanager
def progress_of(
    what: str, total: float, *, stopped: str, as_json: bool, processes: bool = False
) -> Iterator["Advance"]:
    """A progress bar on standard error; gives the function that advances it, from any thread.

    Parameters
    ----------
    what, total : description of the work, and its amount.
    stopped : the sentence after Ctrl-C.  as_json : answer also as an object.
    processes : as in `waiting`.
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
    from rich.text import Text

    display: Any = Display()
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(file=display, markup=False, emoji=False),
    )

    with bar, on_interrupt(_leaving(bar, stopped, as_json), processes):
        shown = visible(what)
        task = bar.add_task(shown, total=total)
        note = notes_on(shown, bar.console, lambda text: bar.update(task, description=text))

        def line(text: str) -> None:
            bar.console.print(Text(visible(text)))

        yield Advance(lambda done: bar.advance(task, done), note, line)
        bar.update(task, completed=total)  # rounding may leave the sum below the total


@dataclass(frozen=True)
class Advance:
    """Advances a progress bar when called; `note` shows what the command waits for, `line` what it
    has found so far, for good."""

    advance: Callable[[float], None]
    note: Callable[[str], None]
    line: Callable[[str], None]

    def __call__(self, done: float) -> None:
        self.advance(done)


def _leaving(display: Any, stopped: str, as_json: bool) -> Callable[..., None]:
    """A signal handler that removes the display and ends the process with a sentence."""

    def leave(number: int = signal.SIGINT, *_: Any) -> None:
        kept = end_processes()
        display.stop()
        complain(stopped + kept, as_json)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED - signal.SIGINT + number)

    return leave


@contextmanager
def on_interrupt(leave: Callable[..., None], other_ends: bool = False) -> Iterator[None]:
    """Answer Ctrl-C, and optionally other signals, by `leave`, which ends the process at once.

    A KeyboardInterrupt raised while compiled programs run in other threads is lost, or ends in a
    crash when the interpreter shuts down. Files are written atomically, so that the process may
    end at any moment.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with ExitStack() as undo:
        for number in (signal.SIGINT, *(_OTHER_ENDS if other_ends else ())):
            before = signal.getsignal(number)
            if number == signal.SIGINT or before != signal.SIG_IGN:  # nohup ignores some
                signal.signal(number, leave)
                undo.callback(signal.signal, number, before)
        yield


_OTHER_ENDS = (signal.SIGTERM, signal.SIGHUP)  # from a batch system, from a closed terminal
