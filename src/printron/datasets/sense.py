"""Whether a table makes sense: columns that carry nothing, readings far off, labels that are none.

What may be right is a remark; what can hardly be is refused.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from printron.base.sentence import number_of
from printron.datasets.errors import DatasetError
from printron.datasets.layout import Layout, is_missing, is_number
from printron.datasets.records import Table

MANY_FEATURES = 100
SQUEEZED, NOTHING = 0.1, 1e-3  # of the input range, left to all readings but those far off
FAR = 0.05  # share of the rows that may lie far off, above and below each
MOST_CLASSES = 20
RARE = 0.05
_INDEX = re.compile(
    r"unnamed: \d+|id|index|idx|row|no\.?|nr\.?|number|sample|sample_?id|record", re.I
)
_CLOCK = re.compile(
    r"(date|time|timestamp|date_?time|utc|epoch|datum|zeit|uhrzeit)(_m?s)?(\s*[(\[].*)?", re.I
)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}[:.]\d{2}([:.]\d{2})?(\.\d+)?\s?([AaPp][Mm])?"
)
_SWITCH = ("true", "false", "yes", "no")
_YES_NO = "yes and no, where 1 and 0 would be read"


def useless(layout: Layout, number: int) -> str | None:
    """Why a column is no feature, in words; None for one that may be.

    Parameters
    ----------
    number : of the column.
    """
    name = layout.header[number]
    found = layout.numbers(number)
    if found is None:
        cells = [cell for cell in layout.column(number) if not is_missing(cell)]
        if any(map(is_number, cells)):
            return None  # a fault of a cell, which is named later
        if all(cell.lower() in _SWITCH for cell in cells):
            return _YES_NO
        return "dates" if all(map(_DATE.fullmatch, cells)) else "text"
    values = found[~np.isnan(found)]
    if not len(values):
        return "empty"
    if len(values) == 1:
        return None
    whole = (values == np.floor(values)).all() and len(np.unique(values)) == len(values)
    if whole and (not name or _INDEX.fullmatch(name)):
        return "row numbers"
    if _CLOCK.fullmatch(name) and (np.diff(values) >= 0).all() and values[0] < values[-1]:
        return "a clock"
    return "constant" if values.min() == values.max() else None


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
    """Readings far above or below the others, if few, and the share of the range of the others.

    Beyond a gap that is `1 / SQUEEZED - 1` times as wide as all readings on its other side.
    """
    values = np.sort(column) / 4  # a difference of huge numbers would overflow
    few = max(1, int(FAR * len(values)))
    if len(values) <= 2 * few:
        return values[:0], 1.0
    above = _beyond(values, few)
    below = _beyond(-values[::-1], few)
    inner = values[below : len(values) - above]
    far = np.concatenate([values[len(values) - above :][::-1], values[:below]])
    whole = values[-1] - values[0]
    return 4 * far, (inner[-1] - inner[0]) / whole if whole else 1.0


def _beyond(values: NDArray[np.float64], few: int) -> int:
    """How many of the last values, few at most, lie beyond the first wide gap.

    Parameters
    ----------
    values : ascending; as many at the beginning may lie far off as well, and do not count.
    """
    first = len(values) - few - 1
    gaps, spans = np.diff(values[first:]), values[first:-1] - values[few]
    wide = np.flatnonzero((spans > 0) & (gaps / (1 / SQUEEZED - 1) > spans))
    return len(gaps) - int(wide[0]) if len(wide) else 0


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
    known = [cell.replace(",", ".") for cell in cells if not is_missing(cell)]
    different, numbers = set(known), bool(known) and all(map(is_number, known))
    many, texts = len(different) > MOST_CLASSES, []
    if known and not numbers and all(map(_DATE.fullmatch, known)):
        like = "reads like dates"
    elif numbers and many and (5 * len(different) > len(known) or not _whole(different)):
        rows = number_of(len(cells), "row")
        like = f"reads like a measurement: {len(different)} different numbers in {rows}"
    elif numbers and not given and (texts := _like_labels(layout, number, texts=True)):
        like = f"has numbers, where {' and '.join(texts[:3])} may have the classes"
    else:
        return
    others = texts or _like_labels(layout, number)
    way = (
        "name the column of the classes with --label; a measured value has to be put into classes "
        "first"
    )
    if others:
        way = f"name the column of the classes with --label, such as {' or '.join(others[:3])}"
    last = "" if given else ", the last one, which has the labels unless --label says otherwise,"
    raise DatasetError(f"'{layout.path}': the column '{name}'{last} {like}: {way}.")


def _whole(numbers: Iterable[str]) -> bool:
    return all(float(each).is_integer() for each in numbers)


def _like_labels(layout: Layout, label: int, texts: bool = False) -> list[str]:
    """Other columns that read like labels, in quotes: few different texts, or else whole numbers.

    Parameters
    ----------
    label : number of the column that is none.  texts : whether to leave numbers out.
    """
    names = {k: name for k, name in enumerate(layout.header) if name and k != label}
    found = {k: set(layout.column(k)) for k in names}
    few = {k: each for k, each in found.items() if 1 < len(each) <= MOST_CLASSES}
    words = [k for k in few if useless(layout, k) in ("text", _YES_NO)]
    whole = [k for k, each in few.items() if all(re.fullmatch(r"\d+", cell) for cell in each)]
    return [f"'{names[k]}'" for k in (words if words or texts else whole)]


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
