"""Standard output and standard error, which may be full, closed, or unable to show a µ."""

import codecs
import contextlib
import os
import sys
from collections.abc import Iterator

from printron.errors import PrintronError

PLAIN = "printron.plain"  # what a stream does with a character that its encoding lacks
_SPELT = {
    "µ": "u", "Ω": "ohm", "α": "alpha", "±": "+-", "×": "x", "·": "*", "–": "-", "─": "-",
    "→": "->", "…": "...", "\u00a0": " ",
}  # fmt: skip


def prepare() -> None:
    """Let no character end a command: what an encoding lacks is spelt in ASCII, or escaped."""
    codecs.register_error(PLAIN, _spelt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not in a notebook; None where it is closed
            stream.reconfigure(errors=PLAIN)


def _spelt(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    plain = (_SPELT.get(c) or c.encode("unicode_escape").decode("ascii") for c in lacking)
    return "".join(plain), error.end


@contextlib.contextmanager
def standard_output() -> Iterator[None]:
    """Work that writes to standard output; at its end all has been written.

    Raises
    ------
    PrintronError : the system refuses to write to it.
    BrokenPipeError : whoever read it has gone.
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        put_aside()
        raise PrintronError(
            f"cannot write to standard output ({error.strerror or error}); make space on the disk "
            "that it is sent to, or send it elsewhere"
        ) from error


def put_aside() -> None:
    """Send what is still to be written to standard output nowhere: nobody can have it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Display:
    """Standard error for what is shown while a command works; full or closed, nothing is shown.

    A log on a full disk must not end a training that has succeeded.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person looks on."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return self._stream.isatty()
        return False

    def fileno(self) -> int:
        """Of standard error."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        """Of standard error."""
        return getattr(self._stream, "encoding", None) or "utf-8"


def tell(text: str) -> None:
    """A line on standard error; where that is full or closed, nothing."""
    if sys.stderr is None:  # print would take standard output instead
        return
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
