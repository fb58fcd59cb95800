"""Protocol ``published``: the preprocessing and split behind the published numbers, bit for bit.

These steps, found by rebuilding the published tensors from the raw files, reproduce them:

1. z-score of each column over all rows of the file, rounded to six digits, without the first and
   the last row. (The ``*_R.dat`` files of Fernandez-Delgado et al., JMLR 15, 2014, do the same and
   seem to be the source. Pendigits alone was taken from the raw files.)
2. min-max scaling of each column to 0..1 V over all rows, in float32.
3. shuffling by ``torch.manual_seed(0); torch.randperm(n)``; the first 60 % are training rows, the
   next 20 % validation rows, the rest test rows.

The protocol serves comparison with the literature. Its scaling uses the test rows, its parts are
not stratified, and where rows repeat, test rows are also training rows (82 of 193 in
mammographic_mass). Prefer `clean` for new work.
"""

import numpy as np
from numpy.typing import NDArray

from printron.datasets.records import Dataset, Rows, Scaling, Table

_SEED = 0


def published(name: str, table: Table, standardised: bool) -> Dataset:
    """Arrange a benchmark as the published work did.

    Parameters
    ----------
    name : str
    table : Table
        All rows of the raw file, in the order of the file.
    standardised : bool
        Whether step 1 of the module's description applies.

    Returns
    -------
    Dataset
        Rows in the order of the published tensors.
    """
    readings, labels, values = table.readings, table.labels, table.readings
    if standardised:
        values = _six_digits(_z_scores(readings))[1:-1]
        readings, labels = readings[1:-1], labels[1:-1]
    volts = _min_max(values.astype(np.float32))
    order = torch_randperm(len(volts), _SEED)
    train, valid, test = np.split(order, _cuts(len(order)))
    return Dataset(
        name=name,
        protocol="published",
        feature_names=table.feature_names,
        class_names=table.class_names,
        train=Rows(volts[train].T, labels[train]),
        valid=Rows(volts[valid].T, labels[valid]),
        test=Rows(volts[test].T, labels[test]),
        scaling=Scaling(readings.min(axis=0), readings.max(axis=0)),
    )


def torch_randperm(count: int, seed: int) -> NDArray[np.int64]:
    """The permutation that ``torch.manual_seed(seed); torch.randperm(count)`` gives on a CPU.

    PyTorch draws 32-bit words from the Mersenne Twister MT19937 (seeded as NumPy's legacy
    generator is) for a Fisher-Yates shuffle from the front (ATen, ``randperm_cpu``).

    Parameters
    ----------
    count, seed : int

    Returns
    -------
    int64 ndarray [count]
    """
    twister = np.random.RandomState(seed)
    words = twister.randint(0, 2**32, size=count, dtype=np.uint32)
    order = np.arange(count)
    for place, word in enumerate(words[:-1].tolist()):
        other = place + word % (count - place)
        order[place], order[other] = order[other], order[place]
    return order


def _z_scores(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = (readings - readings.mean(axis=0)) / readings.std(axis=0, ddof=1)
    return scores


def _six_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.char.mod("%.6g", values).astype(np.float64)


def _min_max(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale in float32, as the published tensors were, so that the last bit agrees."""
    low, high = values.min(axis=0), values.max(axis=0)
    volts: NDArray[np.float32] = (values - low) / (high - low)
    return volts


def _cuts(count: int) -> tuple[int, int]:
    train = int(0.6 * count)
    return train, train + int(0.2 * count)
