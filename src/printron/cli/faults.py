"""Errors as sentences."""

import contextlib
import json
import traceback
from typing import Any

from printron.cli.streams import standard_output, tell
from printron.errors import PrintronError, visible

FAULT = 3  # of the program itself
INTERRUPTED = 130  # what shells report of a process that Ctrl-C ended


class Interrupted(Exception):  # noqa: N818 - it is no error
    """Ctrl-C; the message says what is kept and how to go on."""


def sentence_of(error: Exception) -> str | None:
    """The error as one sentence; None for one that is a fault of the program.

    What a person can mend is a PrintronError, an OSError, or a word that typer does not understand.
    A ValueError of a library is none of these.
    """
    if hasattr(error, "format_message"):  # what was typed is not understood
        return one_line(f"{error.format_message()}").rstrip(".") + "; see --help"
    if isinstance(error, OSError):
        return _os_sentence(error)
    return one_line(str(error)) if isinstance(error, PrintronError) else None


def complain_of_fault(error: Exception, as_json: bool) -> None:
    """Show a fault of the program whole, and say last that it is one and what to do."""
    show_traceback(error)
    what = one_line(f"{type(error).__name__}: {error}").removesuffix(":")
    complain(
        f"this is a fault of printron, not of what you gave ({what}); please report it with the "
        "traceback above and the command",
        as_json,
    )


def show_traceback(error: BaseException) -> None:
    """Show an error whole, on standard error."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        tell(visible(line))


def one_line(text: str) -> str:
    """Text without line breaks."""
    return " ".join(text.split())


def complain(sentence: str, as_json: bool) -> None:
    """Say what went wrong: a sentence on standard error; with --json an object on stdout too."""
    tell(f"error: {visible(sentence)}")
    if as_json:
        with contextlib.suppress(PrintronError, BrokenPipeError), standard_output():
            print(as_line({"error": sentence}))


def as_line(record: Any) -> str:
    """A record as one line of JSON, in ASCII that no terminal obeys."""
    return json.dumps(record, allow_nan=False).replace("\x7f", "\\u007f")


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or one_line(str(error))
    if error.filename is None:
        return f"the system refused ({reason}); check the disk and the permissions"
    return (
        f"cannot read or write '{error.filename}' ({reason}); check the path, its permissions and "
        "the space on the disk"
    )
