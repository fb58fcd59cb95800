"""Result of an engine for a cell: the transfer curves of many designs, and their power."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONVERGED = "converged"


@dataclass(frozen=True)
class Sweep:
    """Input sweeps of many designs of one cell, by one engine.

    Attributes
    ----------
    v_in : input voltages, V, [points].
    v_out : output voltages, V, [points, designs]; NaN where a design did not converge.
    source_power : power delivered by each supply and by the source at the input ("in"), W, by name,
        each [points, designs]; negative where a source absorbs power.
    status : per design, `CONVERGED` or a sentence with the failure, [designs].
    engine : "jax" or "ngspice".  engine_version : its version.
    """

    v_in: NDArray[np.float64]
    v_out: NDArray[np.float64]
    source_power: dict[str, NDArray[np.float64]]
    status: tuple[str, ...]
    engine: str
    engine_version: str

    @property
    def power(self) -> NDArray[np.float64]:
        """Supply power, W, [points, designs]: delivered by all supplies and the input together."""
        return np.sum(list(self.source_power.values()), axis=0)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which designs converged at every point, [designs]."""
        return np.array([status == CONVERGED for status in self.status])
