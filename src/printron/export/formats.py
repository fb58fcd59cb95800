"""Export formats of a finished network: a new one is a file and a line in `FORMATS`."""

from collections.abc import Callable
from dataclasses import dataclass

from printron.errors import PrintronError
from printron.export.bill import bill_text
from printron.export.record import record_text
from printron.export.spice import spice_text
from printron.network import PrintedNetwork


@dataclass(frozen=True)
class Format:
    """An export format.

    Attributes
    ----------
    name : name of the format on the command line.
    file : name of the file.
    summary : content and use of the file; one line.
    write : gives the file's content.
    text : whether the content can be shown on a terminal.
    """

    name: str
    file: str
    summary: str
    write: Callable[[PrintedNetwork], bytes]
    text: bool = True


_ALL = (
    Format("bill", "components.csv", "every printed part with its value", bill_text),
    Format("spice", "network.cir", "the circuit for plain ngspice", spice_text),
    Format("json", "network.json", "parts, nodes and their roles for other programs", record_text),
)
FORMATS = {each.name: each for each in _ALL}


def format_of(name: str) -> Format:
    """The format of that name.

    Raises
    ------
    PrintronError : names the formats.
    """
    if name not in FORMATS:
        raise PrintronError(f"got the format '{name}'; allowed are {', '.join(FORMATS)}")
    return FORMATS[name]
