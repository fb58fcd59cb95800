"""Errors as sentences."""

import json
import sys
import traceback

from printron.errors import PrintronError

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
    traceback.print_exception(error, file=sys.stderr)
    what = one_line(f"{type(error).__name__}: {error}").removesuffix(":")
    complain(
        f"this is a fault of printron, not of what you gave ({what}); please report it with the "
        "traceback above and the command",
        as_json,
    )


def one_line(text: str) -> str:
    """Text without line breaks."""
    return " ".join(text.split())


def complain(sentence: str, as_json: bool) -> None:
    """Say what went wrong: a sentence on standard error; with --json an object on stdout too."""
    print(f"error: {sentence}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": sentence}))


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or one_line(str(error))
    if error.filename is None:
        return f"the system refused ({reason}); check the disk and the permissions"
    return (
        f"cannot read or write '{error.filename}' ({reason}); check the path, its permissions and "
        "the space on the disk"
    )
