"""What solved circuits draw, against every component of theirs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.characterization import sobol_designs
from printron.circuits import operating_point
from printron.circuits.operating_point import stamp
from printron.circuits.stages import feeding_stages
from printron.network.loaded.ports import Gates, supplied
from printron.technology import technology

LIBRARY = technology()


class State:
    """Designs of a cell, as a layer has them."""

    def __init__(self, cell, values):
        self.circuit, self.values, self.deviations, self.supply = cell, values, None, None


@pytest.mark.parametrize("name", sorted(LIBRARY.cells))
def test_currents_and_heat_are_those_of_the_components(name):
    """Also where nothing but Kirchhoff's law for the whole circuit tells a current."""
    cell = LIBRARY.cells[name]
    with jax.enable_x64(True):
        values = jnp.asarray(sobol_designs(cell, 8, seed=1))
        v_in = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (8, 5)))
        design = {k: values[i][:, None] for i, k in enumerate(cell.variables)}
        solved = operating_point(cell, LIBRARY.process, design, v_in)
        assert solved.converged.all()
        nodes = jnp.stack([solved.voltages[k] for k in cell.unknowns])
        out = cell.unknowns.index("out")
        if sum(map(len, feeding_stages(cell))) + 1 == len(cell.unknowns):
            # Another output voltage, as a load makes it, moves no other node of a chain of stages.
            nodes = nodes.at[out].add(0.05)
        pushed = stamp(cell, LIBRARY.process, design, v_in, nodes).imbalance[out]
        ours = supplied.__wrapped__(
            LIBRARY.process, State(cell, values), Gates(v_in), nodes, pushed
        )
        theirs = stamp(cell, LIBRARY.process, design, v_in, nodes, input_free=True)
        for rail, current in ours.current.items():
            np.testing.assert_allclose(current, theirs.source_current[rail], 1e-6, 1e-13)
        heat = sum(theirs.dissipation.values())
        np.testing.assert_allclose(ours.heat, heat, rtol=1e-6, atol=1e-13)
