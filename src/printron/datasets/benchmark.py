"""What is known of one benchmark."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.files import RawFile
from printron.datasets.parsers import Parsed


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes
    ----------
    name, title : str
        What a program and what a person calls it.
    files : tuple of RawFile
        Empty where the rows are generated.
    parse : callable
        From the paths of ``files`` to readings [samples, features] and labels [samples].
    citation : str
        How its authors want to be cited.
    rows : int
        Samples that ``parse`` gives.
    feature_names, class_names : tuple of str
    adjust : mapping from protocol to callable
        What a protocol changes in the readings [samples, features] before it splits and scales;
        nothing for a protocol that is not in it.
    standardised : bool
        Whether the published work took its values from z-scores; see `published`.
    """

    name: str
    title: str
    files: tuple[RawFile, ...]
    parse: Callable[[tuple[Path, ...]], Parsed]
    citation: str
    rows: int
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    adjust: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = field(
        default_factory=dict
    )
    standardised: bool = True
