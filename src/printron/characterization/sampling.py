"""Designs of a cell: quasi-random (Sobol) samples that respect its design space."""

import numpy as np
from numpy.typing import NDArray

from printron.errors import PrintronError
from printron.technology import Cell

ROUNDS = 12  # each round doubles the number of candidates


def sobol_designs(cell: Cell, count: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Sobol designs inside the ranges and constraints of a cell, uniform in the logarithm.

    Parameters
    ----------
    count : number of designs.
    seed : of the scrambling of the sequence; the same seed gives the same designs.

    Returns
    -------
    Design vectors in ohm or m, [variables, count].

    Raises
    ------
    PrintronError : the constraints leave too little of the box to find `count` designs.
    """
    from scipy.stats import qmc  # takes half a second to import, and few commands sample

    low, high = np.log(cell.bounds)
    sampler = qmc.Sobol(len(cell.variables), rng=np.random.default_rng(seed))
    exponent = int(np.ceil(np.log2(max(count, 2))))
    found = np.empty((len(cell.variables), 0))
    for _ in range(ROUNDS):
        points = (
            sampler.random_base2(exponent)
            if found.shape[1] == 0 and sampler.num_generated == 0
            else sampler.random(2**exponent)
        )
        designs = np.exp(low[:, None] + (high - low)[:, None] * points.T)
        found = np.concatenate([found, designs[:, cell.inside(designs)]], axis=1)
        if found.shape[1] >= count:
            return found[:, :count]
    raise PrintronError(
        f"cell '{cell.name}': only {found.shape[1]} of {count} designs respect its "
        "constraints; widen the ranges or loosen the constraints"
    )
