"""Errors as sentences."""

import contextlib
import json
import traceback
from typing import Any

from printron.cli.streams import standard_output, tell
from printron.errors import PrintronError, visible

FAULT = 3  # exit code of a fault of printron
INTERRUPTED = 130  # exit code after Ctrl-C, as in shells


class Interrupted(Exception):  # noqa: N818 - it is no error
    """Ctrl-C; the message says what is kept and how to continue."""


def sentence_of(error: Exception) -> str | None:
    """The error as one sentence; None for a fault of the program.

    Users can correct a PrintronError, an OSError, and words that typer does not understand. A
    ValueError of a library is none of these.
    """
    if hasattr(error, "format_message"):  # of typer: the command line is not understood
        return one_line(f"{error.format_message()}").rstrip(".") + "; see --help"
    if isinstance(error, OSError):
        return _os_sentence(error)
    return one_line(str(error)) if isinstance(error, PrintronError) else None


def complain_of_fault(error: Exception, as_json: bool) -> None:
    """Show the traceback of a fault of the program, then one sentence with what to do."""
    show_traceback(error)
    what = one_line(f"{type(error).__name__}: {error}").removesuffix(":")
    complain(
        f"this is a fault of printron, not of your input ({what}); please report it with the "
        "traceback above and the command",
        as_json,
    )


def show_traceback(error: BaseException) -> None:
    """Show the traceback of an error on standard error."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        tell(visible(line))


def show_faults(errors: list[Exception]) -> None:
    """Show the traceback of the first fault of the program on standard error."""
    for error in errors:
        if sentence_of(error) is None:
            show_traceback(error)
            return


def reason_of(error: Exception) -> str:
    """Why a task failed, as one sentence."""
    sentence = sentence_of(error)
    if sentence is None:
        what = one_line(f"{type(error).__name__}: {error}").removesuffix(":")
        return (
            f"a fault of printron or of a worker ({what}); if the fault returns, please report it "
            "with the traceback on standard error"
        )
    return sentence


def one_line(text: str) -> str:
    """Text without line breaks."""
    return " ".join(text.split())


def complain(sentence: str, as_json: bool) -> None:
    """Report an error: a sentence on standard error; with --json also an object on stdout."""
    tell(f"error: {visible(sentence)}")
    if as_json:
        with contextlib.suppress(PrintronError, BrokenPipeError), standard_output():
            print(as_line({"error": sentence}))


def as_line(record: Any) -> str:
    """A record as one line of JSON, in printable ASCII."""
    return json.dumps(record, allow_nan=False).replace("\x7f", "\\u007f")


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or one_line(str(error))
    if error.filename is None:
        return f"the system refused ({reason}); check the disk and the permissions"
    return (
        f"cannot read or write '{error.filename}' ({reason}); check the path, its permissions and "
        "the space on the disk"
    )
