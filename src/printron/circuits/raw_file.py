"""ngspice's binary result file: one plot after another, each a text header and float64 numbers."""

import numpy as np
from numpy.typing import NDArray

Plot = dict[str, NDArray[np.float64]]  # a column of numbers, [points], by name as in "v(out)"


def read_raw(data: bytes) -> tuple[list[Plot], bool]:
    """Read all complete plots of real numbers.

    Parameters
    ----------
    data : content of the file.

    Returns
    -------
    (plots, whole) : the complete plots in the order of the file, and whether that was all of it.
    """
    plots: list[Plot] = []
    position = 0
    while position < len(data):
        # Titles hold no line breaks, so this can only be the end of a header.
        end = data.find(b"\nBinary:\n", position)
        if end < 0:
            return plots, False
        header = data[position:end].decode("utf-8", "replace").split("\n")
        field = dict(line.split(":", 1) for line in header if ":" in line and line[0] != "\t")
        columns, points = int(field["No. Variables"]), int(field["No. Points"])
        first = header.index("Variables:") + 1
        names = [line.split()[1] for line in header[first : first + columns]]
        start, position = end + 9, end + 9 + 8 * columns * points
        if position > len(data):
            return plots, False
        numbers = np.frombuffer(data, np.float64, columns * points, start)
        plots.append(dict(zip(names, numbers.reshape(points, columns).T, strict=True)))
    return plots, True
