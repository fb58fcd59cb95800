"""Networks of differential cells are trained, and the same seed gives the same circuit."""

import jax
import numpy as np
import pytest

from printron.characterization import surrogate_for
from printron.network import build_structure
from printron.technology import technology
from printron.training import TRAINED, Schedule, WeightedPower, train

IDEAL = Schedule(epochs=20, check_every=10, starts=1)


@pytest.mark.slow
def test_pairs_are_trained_alike_for_the_same_seed(rows):
    library = technology()
    structure = build_structure(
        library, (4, 3, 3), activation=[surrogate_for(library, "pair"), None], negation=None
    )
    goals, seeds = [WeightedPower(0.1)], np.array([0])
    one, two = (train(structure, rows, goals, seeds, schedule=IDEAL) for _ in range(2))
    assert one.status == (TRAINED,)
    for a, b in zip(jax.tree.leaves(one.parameters), jax.tree.leaves(two.parameters), strict=True):
        np.testing.assert_array_equal(a, b)
    signs = np.sign(one.parameters.theta[0])
    assert (signs > 0).any()
    assert (signs < 0).any()
