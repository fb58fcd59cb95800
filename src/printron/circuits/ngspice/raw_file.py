"""ngspice's binary result file: one plot after another, each a text header and float64 numbers."""

import re

import numpy as np
from numpy.typing import NDArray

Plot = dict[str, NDArray[np.float64]]  # a column of numbers, [points], by name as in "v(out)"

_FIRST = b"Title:"
_FIELDS = ("Flags", "No. Variables", "No. Points")
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)


def read_raw(data: bytes) -> tuple[list[Plot], bool]:
    """Read all complete plots of real numbers, up to the first that is cut off or damaged.

    Counts are accepted only where the file holds as many names and numbers, followed at once by the
    next plot or the end.

    Parameters
    ----------
    data : content of the file.

    Returns
    -------
    (plots, whole) : the complete plots in the order of the file, and whether they are all of it.
    """
    plots: list[Plot] = []
    position = 0
    while position < len(data):
        # Titles hold no line breaks, so this can only be the end of a header.
        end = data.find(b"\nBinary:\n", position)
        header = _header(data[position:end].decode("utf-8", "replace")) if end >= 0 else None
        if header is None:
            return plots, False
        names, points = header
        start, position = end + 9, end + 9 + 8 * len(names) * points
        begun = data[position : position + len(_FIRST)]  # of the next plot, which may be cut off
        if position > len(data) or not _FIRST.startswith(begun):
            return plots, False
        numbers = np.frombuffer(data, np.float64, len(names) * points, start)
        plots.append(dict(zip(names, numbers.reshape(points, len(names)).T, strict=True)))
    return plots, True


def _header(text: str) -> tuple[list[str], int] | None:
    """Names of the columns and the number of points; None where the header is damaged."""
    lines = text.split("\n")
    if not text.startswith(_FIRST.decode()) or "Variables:" not in lines:
        return None
    first = lines.index("Variables:") + 1
    entries = [line.partition(":") for line in lines[1 : first - 1]]
    found = [[value.strip() for key, _, value in entries if key == field] for field in _FIELDS]
    if [len(values) for values in found] != [1, 1, 1]:
        return None
    (flags,), (columns,), (points,) = found
    names = [
        line.split()[1]
        for k, line in enumerate(lines[first:])
        if line.startswith(f"\t{k}\t") and len(line.split()) >= 3
    ]
    if flags != "real" or not (_COUNT.fullmatch(columns) and _COUNT.fullmatch(points)):
        return None
    right = 0 < int(columns) == len(names) == len(lines) - first
    return (names, int(points)) if right else None
