"""Whether a table makes sense: columns that carry nothing, readings far off, labels that are none.

What may be right is a remark; what can hardly be is refused.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printron.base.sentence import number_of
from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number
from printron.datasets.records import Table

MANY_FEATURES = 100
SQUEEZED, NOTHING = 0.1, 1e-3  # of the input range, left to all readings but those far off
FAR = 0.01  # share of the rows that may lie far off
FEWEST, MOST_CLASSES = 10, 20  # different readings, or labels, that tell a measurement
RARE = 0.05
_INDEX = re.compile(
    r"(unnamed: 0|id|index|idx|row|no\.?|nr\.?|number|sample|sample_?id|record)", re.I
)
_CLOCK = re.compile(r"(date|time|timestamp|date_?time|utc|epoch|datum|zeit|uhrzeit)", re.I)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}[:.]\d{2}([:.]\d{2})?(\.\d+)?\s?([AaPp][Mm])?"
)


def useless(layout: Layout, number: int) -> str | None:
    """Why a column is no feature, in words; None for one that may be.

    Parameters
    ----------
    number : of the column.
    """
    name = layout.header[number]
    cells = [cell for cell in layout.column(number) if not is_missing(cell)]
    if not cells:
        return "empty"
    if not any(map(is_number, cells)):
        return "dates" if all(map(_DATE.fullmatch, cells)) else "text"
    if not all(map(is_number, cells)):
        return None  # a fault of a cell, which is named later
    values = np.array(cells, np.float64)
    steps = np.diff(values)
    if len(values) == 1:
        return None
    if (not name or _INDEX.fullmatch(name)) and values[0] in (0, 1) and (steps == 1).all():
        return "row numbers"
    if _CLOCK.fullmatch(name) and (steps > 0).all():
        return "a clock"
    return "constant" if (steps == 0).all() else None


def check_far(layout: Layout, names: Sequence[str], readings: NDArray[np.float64]) -> list[str]:
    """Remarks on readings that leave the others a sliver of the input range.

    Parameters
    ----------
    readings : [samples, features], without gaps.

    Raises
    ------
    DatasetError : the others have next to nothing left.
    """
    remarks = []
    for name, column in zip(names, readings.T, strict=True):
        far, share = _far(column)
        if share < NOTHING:
            raise DatasetError(
                f"'{layout.path}', column '{name}': the reading {far[0]:g} lies so far from the "
                f"others that these would share {1e3 * share:.2g} mV of 1,000 mV: correct the "
                "value, or remove its row."
            )
        if share < SQUEEZED:
            remarks.append(
                f"column '{name}': {number_of(len(far), 'reading')} far off ({far[0]:g}) "
                f"{'leaves' if len(far) == 1 else 'leave'} the others {1e3 * share:.0f} mV of "
                "1,000 mV; if that is a fault of the sensor, correct or remove such rows"
            )
    return remarks


def _far(column: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Readings beyond the widest gap, if few, and the share of the range that the others have."""
    values = np.sort(column) / 4  # a difference of huge numbers would overflow
    whole = values[-1] - values[0]
    gaps = np.diff(values)
    if whole == 0 or len(np.unique(values)) <= FEWEST:
        return values[:0], 1.0
    place = int(np.argmax(gaps)) + 1
    few = max(1, int(FAR * len(values)))
    if len(values) - place <= few:
        return 4 * values[place:][::-1], (values[place - 1] - values[0]) / whole
    if place <= few:
        return 4 * values[:place], (values[-1] - values[place]) / whole
    return values[:0], 1.0


def check_label(layout: Layout, number: int, given: bool) -> None:
    """Refuse a column of labels that reads like a measurement, or like dates.

    Parameters
    ----------
    number : of the column.  given : whether the user named the column.

    Raises
    ------
    DatasetError : what the column looks like, and which other columns have classes.
    """
    name, cells = layout.header[number], layout.column(number)
    known = [cell for cell in cells if not is_missing(cell)]
    different = set(known)
    if len(different) <= MOST_CLASSES:
        return
    if all(map(_DATE.fullmatch, known)) and not all(map(is_number, known)):
        like = "dates"
    elif all(map(is_number, known)) and 5 * len(different) > len(known):
        rows = number_of(len(cells), "row")
        like = f"a measurement: {len(different)} different numbers in {rows}"
    else:
        return
    others = [f"'{layout.header[k]}'" for k in _like_labels(layout) if k != number]
    way = (
        "name the column of the classes with --label; a measured value has to be put into classes "
        "first"
    )
    if others:
        way = f"name another with --label, such as {' or '.join(others[:3])}"
    last = "" if given else ", the last one, which has the labels unless --label says otherwise,"
    raise DatasetError(f"'{layout.path}': the column '{name}'{last} reads like {like}: {way}.")


def _like_labels(layout: Layout) -> list[int]:
    """Columns that read like labels: few different texts or whole numbers."""
    found = {k: set(layout.column(k)) for k, name in enumerate(layout.header) if name}
    few = {k: each for k, each in found.items() if 1 < len(each) <= MOST_CLASSES}
    texts = [k for k, each in few.items() if not any(map(is_number, each))]
    whole = [k for k, each in few.items() if all(re.fullmatch(r"\d+", cell) for cell in each)]
    return texts or whole


def remarks_on(table: Table) -> list[str]:
    """Remarks on features and classes that may surprise."""
    found, features = [], len(table.feature_names)
    if features > MANY_FEATURES:
        found.append(
            f"{features} features are as many sensors, and a resistor for each in every column of "
            "the crossbar; leave columns out that the class does not need"
        )
    share = np.bincount(table.labels) / len(table.labels)
    rare = int(np.argmin(share))
    if share[rare] < RARE:
        found.append(
            f"class '{table.class_names[rare]}' has {100 * share[rare]:.1f} % of the rows: "
            "accuracy says little of it, balanced accuracy does; --class-weights balanced of train "
            "and sweep makes classes count alike"
        )
    return found
