"""Tables of raw readings, and data sets in volts."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Table:
    """Labelled readings as measured.

    Attributes
    ----------
    readings : float64 ndarray [samples, features]
        Finite numbers in the units of the source.
    labels : int32 ndarray [samples]
        Class numbers, 0 to ``len(class_names) - 1``.
    feature_names, class_names : tuple of str
    label : str
        Label column of a user's table.
    left_out : tuple of str
        Columns of a user's table that are neither features nor labels.
    marks : mapping from feature to its numbers that stand for no value
    remarks : tuple of str
        How a user's table was understood, and what may surprise; one sentence each.
    """

    readings: NDArray[np.float64]
    labels: NDArray[np.int32]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    label: str = ""
    left_out: tuple[str, ...] = ()
    marks: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def unit_in(name: str) -> str | None:
    """The unit at the end of a feature's name: "cm" of "petal length (cm)" or "[cm]"."""
    found = re.search(r"[(\[]\s*([^()\[\]]{1,20}?)\s*[)\]]\s*$", name)
    return found[1] if found else None


class Scaling(NamedTuple):
    """The raw readings that are 0 V and 1 V, for each feature.

    Attributes
    ----------
    minimum, maximum : float64 ndarray [features]
        In raw units. Equal where a feature is constant; such a feature is always 0 V.
    """

    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]

    def volts(self, readings: ArrayLike) -> NDArray[np.float32]:
        """Convert readings to the voltages that the sensors apply.

        Parameters
        ----------
        readings : float array [samples, features]
            In raw units.

        Returns
        -------
        float32 ndarray [samples, features]
            0 to 1 V; readings below minimum or above maximum are clipped.
        """
        inside = np.clip(np.asarray(readings, np.float64), self.minimum, self.maximum)
        # Halved before the difference: maximum - minimum of two huge floats would overflow.
        span = self.maximum / 2 - self.minimum / 2
        above = inside / 2 - self.minimum / 2
        volts = np.divide(above, span, out=np.zeros_like(above), where=span > 0)
        return volts.astype(np.float32)

    def outside(self, readings: ArrayLike) -> NDArray[np.bool_]:
        """Which readings [samples, features] lie outside the training range and are clipped."""
        values = np.asarray(readings, np.float64)
        found: NDArray[np.bool_] = (values < self.minimum) | (values > self.maximum)
        return found

    def as_records(self, features: Sequence[str]) -> list[dict[str, Any]]:
        """The scaling as JSON, one object per feature: name, unit in the name (or None), and the
        readings that are 0 V and 1 V."""
        return [
            {
                "feature": name,
                "unit": unit_in(name),
                "reading_at_0V": float(low),
                "reading_at_1V": float(high),
            }
            for name, low, high in zip(features, self.minimum, self.maximum, strict=True)
        ]

    @classmethod
    def from_records(cls, records: Sequence[Mapping[str, Any]]) -> "Scaling":
        """The scaling that `as_records` wrote."""
        ends = [[each[f"reading_at_{volt}V"] for each in records] for volt in (0, 1)]
        return cls(np.array(ends[0], np.float64), np.array(ends[1], np.float64))


@dataclass(frozen=True, eq=False)
class Rows:
    """One part of a data set, ready for a printed input layer.

    Attributes
    ----------
    volts : float32 ndarray [features, samples]
        Feature-major: a row is an input wire of the circuit; 0 to 1 V. Read-only.
    labels : int32 ndarray [samples]
        Class numbers. Read-only.
    """

    volts: NDArray[np.float32]
    labels: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Make the arrays read-only, since many runs share a data set."""
        for name, dtype in (("volts", np.float32), ("labels", np.int32)):
            array = np.array(getattr(self, name), dtype=dtype, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training, validation and test rows in volts, with their names and scaling.

    Attributes
    ----------
    name : str
        A benchmark of ``names()``, or the stem of a user's file.
    protocol : str
        ``"clean"`` or ``"published"``.
    feature_names : tuple of str [features]
    class_names : tuple of str [classes]
    train, valid, test : Rows
    scaling : Scaling
        (minimum, maximum) in raw units; ``scaling.volts(readings)`` converts new readings to volts.
        In the published protocol it reproduces the stored volts to 1e-5 V only, since the
        published values were rounded to six digits.
    remarks : tuple of str
        Warnings about the rows, one sentence each.
    """

    name: str
    protocol: str
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    train: Rows
    valid: Rows
    test: Rows
    scaling: Scaling
    remarks: tuple[str, ...] = ()

    @property
    def majority(self) -> float:
        """Test accuracy of always answering the most common class of the training rows."""
        commonest = np.bincount(self.train.labels, minlength=len(self.class_names)).argmax()
        return float(np.mean(self.test.labels == commonest))

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) over shapes and values of all six arrays: equal only for equal rows."""
        digest = hashlib.sha256()
        for rows in (self.train, self.valid, self.test):
            digest.update(repr(rows.volts.shape).encode())
            # Byte order is fixed, so that the fingerprint is the same on every machine.
            digest.update(rows.volts.astype("<f4").tobytes())
            digest.update(rows.labels.astype("<i4").tobytes())
        return digest.hexdigest()
