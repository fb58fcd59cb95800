"""What the commands say: tables and JSON on standard output, progress on standard error.

All of it passes through `visible`: names are chosen by others, and a terminal obeys what it reads.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
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
    """Lines as they are, however long, for a program or a file."""
    _write("\n".join(map(visible, text.split("\n"))))


def say_file(text: str) -> None:
    """A file's text: as it is where a file or a program reads, made visible on a terminal."""
    if sys.stdout.isatty():
        say_text(text)
    else:
        _write(text)


def _write(text: str) -> None:
    with standard_output():
        print(text)


def say(*things: str | Sheet) -> None:
    """Sentences and tables for a person, as wide as the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    with standard_output():
        for thing in things:
            lines = (
                thing.lines(console.width)
                if isinstance(thing, Sheet)
                else [(line, "body") for line in wrapped(visible(thing), console.width)]
            )
            for line, part in lines:
                console.print(Text(line, style=_STYLES.get(part, "")), soft_wrap=True)


def remark(*problems: Any) -> None:
    """What a person should know about the rows of these problems, on standard error."""
    for problem in problems:
        for sentence in problem.dataset.remarks:
            tell(visible(f"note: {sentence}"))


@contextmanager
def waiting(
    what: str, *, as_json: bool, processes: bool = False
) -> Iterator[Callable[[str], None]]:
    """A spinner on standard error, for work that does not report its progress.

    Gives the function that says what is being waited for, from any thread; "" when that is over.

    Parameters
    ----------
    as_json : answer Ctrl-C as an object, too.
    processes : other processes do the work; they are ended, too, when this one is asked to end.
    """
    from rich.console import Console
    from rich.text import Text

    display: Any = Display()
    spinner = Console(file=display, markup=False, emoji=False).status(Text(visible(what)))
    answer = _leaving(spinner, "stopped; what was not finished was not written", as_json)
    with spinner, on_interrupt(answer, processes):
        yield notes_on(what, spinner.console, lambda text: spinner.update(Text(text)))


@contextmanager
def progress_of(
    what: str, total: float, *, stopped: str, as_json: bool, processes: bool = False
) -> Iterator["Advance"]:
    """A progress bar on standard error; gives the function that advances it, from any thread.

    Parameters
    ----------
    what, total : what is done, and how much of it.
    stopped : the sentence that Ctrl-C is answered by.  as_json : answer as an object, too.
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
        yield Advance(lambda done: bar.advance(task, done), note)
        bar.update(task, completed=total)  # shares may add up to a rounding error less


@dataclass(frozen=True)
class Advance:
    """Advances a progress bar when called; `note` says what is being waited for."""

    advance: Callable[[float], None]
    note: Callable[[str], None]

    def __call__(self, done: float) -> None:
        self.advance(done)


def _leaving(display: Any, stopped: str, as_json: bool) -> Callable[..., None]:
    """A signal handler that ends the process with a sentence, the display put away first."""

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
    """Answer Ctrl-C by `leave`, which ends the process at once; other wishes to end it, too.

    A KeyboardInterrupt raised while compiled programs run in other threads is lost in them, or ends
    in a crash when Python is taken down around them. Files are whole or not there at any moment,
    so that the process may end at any moment.
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


_OTHER_ENDS = (signal.SIGTERM, signal.SIGHUP)  # of a batch system, of a terminal that is closed
