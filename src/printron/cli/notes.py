"""What is said of other processes while a command waits for them, and how they are ended."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from printron.cli.streams import tell
from printron.errors import PrintronError, visible

AGAIN_S = 60.0  # between two lines where there is no terminal to write over the last one
SHORTEST_S, LONGEST_S = 1.0, 1e6

Processes = Annotated[
    int | None, typer.Option(min=1, help="ngspice processes; default: one for each core.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        help="Time for all work of ngspice, s; default: by its amount, a minute at least. "
        "Processes that take longer are ended.",
    ),
]


def checked_timeout(timeout: float | None, used: bool = True, without: str = "") -> float | None:
    """The time that was asked for.

    Parameters
    ----------
    used : whether ngspice is started at all.  without : the option that says that it is not.
    """
    if timeout is None:
        return None
    if not used:
        raise PrintronError(
            f"got --timeout {timeout:g} with {without}, which starts no ngspice; leave one out"
        )
    if not (math.isfinite(timeout) and SHORTEST_S <= timeout <= LONGEST_S):
        raise PrintronError(
            f"got --timeout {timeout:g}; give a time in seconds from {SHORTEST_S:g} to "
            f"{LONGEST_S:.0f}, or leave it out"
        )
    return timeout


def check_engine(engine: str, allowed: Sequence[str]) -> None:
    """Refuse an unknown engine, before any other option is looked at.

    Raises
    ------
    PrintronError : the engines that are allowed.
    """
    if engine not in allowed:
        raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(allowed)}")


def notes_on(what: str, console: Any, update: Callable[[str], None]) -> Callable[[str], None]:
    """The function that says what is being waited for, from any thread; "" when that is over.

    Parameters
    ----------
    what : what a terminal shows otherwise.  update : shows something in its place.
    """
    last = -math.inf

    def note(text: str) -> None:
        nonlocal last
        if console.is_terminal:
            update(visible(f"{what}: {text}" if text else what))
        elif text and time.monotonic() - last >= AGAIN_S:
            last = time.monotonic()
            tell(visible(text))

    return note


def end_processes() -> str:
    """End what ngspice does, for a program that ends; gives a sentence on what was kept, or ""."""
    # Looked up, not imported: where it is not there by now, no process was started.
    children = sys.modules.get("printron.circuits.ngspice.children")
    end_all = getattr(children, "end_all", None)
    kept = end_all() if end_all else []
    return f"; what ngspice worked on is kept at {', '.join(map(str, kept))}" if kept else ""
