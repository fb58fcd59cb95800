"""The description of a benchmark: files, parser, citation, names."""

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
        Identifier, and title for people.
    files : tuple of RawFile
        Empty where the rows are generated.
    parse : callable
        From the paths of ``files`` to readings [samples, features] and labels [samples].
    citation : str
        Citation that the authors ask for.
    rows : int
        Number of samples that ``parse`` returns.
    feature_names, class_names : tuple of str
    adjust : mapping from protocol to callable
        Changes to the readings [samples, features] before splitting and scaling; a protocol
        without an entry changes nothing.
    standardised : bool
        Whether the published work started from z-scores of the readings; see `published`.
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
