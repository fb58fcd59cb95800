"""Notes on other processes while a command waits for them, and their end with the command."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from printron.cli.streams import tell
from printron.errors import PrintronError, visible

AGAIN_S = 60.0  # between two lines, if no terminal can overwrite the last one
SHORTEST_S, LONGEST_S = 1.0, 1e6

Processes = Annotated[
    int | None, typer.Option(min=1, help="ngspice processes; default: one for each core.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        help="Time limit of all work of ngspice, s; default: by the amount of work, at least a "
        "minute. Then its processes are ended.",
    ),
]

CircuitTimeout = Annotated[
    float | None,
    typer.Option(
        help="Time limit of ngspice for each circuit, s; default: by the number of rows, at least "
        "a minute.",
    ),
]


def checked_timeout(timeout: float | None, used: bool = True, without: str = "") -> float | None:
    """The requested time limit, checked.

    Parameters
    ----------
    used : whether ngspice is started.  without : the option by which ngspice is not started.
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
    """Refuse an unknown engine, before other options are checked.

    Raises
    ------
    PrintronError : names the allowed engines.
    """
    if engine not in allowed:
        raise PrintronError(f"got the engine '{engine}'; allowed are {', '.join(allowed)}")


def notes_on(what: str, console: Any, update: Callable[[str], None]) -> Callable[[str], None]:
    """The function that shows what the command waits for, from any thread; "" ends the note.

    Parameters
    ----------
    what : text that a terminal shows otherwise.  update : replaces this text.
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
    """End all ngspice processes when the program ends; a sentence on kept decks, or ""."""
    # Looked up, not imported: without the module, no process was started.
    children = sys.modules.get("printron.circuits.ngspice.children")
    end_all = getattr(children, "end_all", None)
    kept = end_all() if end_all else []
    return f"; the decks of ngspice are kept at {', '.join(map(str, kept))}" if kept else ""
