"""Standard output and standard error, which may be full, closed, or unable to show a µ."""

import codecs
import contextlib
import os
import sys
import traceback
from collections.abc import Iterator

from printron.errors import PrintronError

PLAIN = "printron.plain"  # error handler for characters that an encoding lacks
_SPELT = {
    "µ": "u", "Ω": "ohm", "α": "alpha", "±": "+-", "×": "x", "·": "*", "–": "-", "─": "-",
    "→": "->", "…": "...", "\u00a0": " ",
}  # fmt: skip


def prepare() -> None:
    """Spell or escape in ASCII what the encoding lacks, so that no character ends a command."""
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
    """A context whose output is flushed to standard output at its end.

    Raises
    ------
    PrintronError : the system refuses to write.
    BrokenPipeError : the reader has closed the pipe.
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_refused(error) from error


def output_refused(error: OSError) -> PrintronError:
    """The sentence on a refused standard output; drops what is not yet written."""
    put_aside()
    return PrintronError(
        f"cannot write to standard output ({error.strerror or error}); make space on the disk "
        "of the output, or send the output elsewhere"
    )


def is_output_of_typer(error: OSError) -> bool:
    """Whether the system refused output of typer: help, or a completion."""
    frames = [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]
    return frames[-1:] == ["echo"]


def put_aside() -> None:
    """Redirect standard output to the null device."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Display:
    """Standard error for progress; shows nothing if full or closed.

    A log on a full disk must not end a successful training.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> int:
        """Write, ignoring refusals."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, ignoring refusals."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return self._stream.isatty()
        return False

    def fileno(self) -> int:
        """File descriptor of standard error."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        """Encoding of standard error."""
        return getattr(self._stream, "encoding", None) or "utf-8"


def tell(text: str) -> None:
    """Write a line on standard error; nothing if full or closed."""
    if sys.stderr is None:  # print would take standard output instead
        return
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
