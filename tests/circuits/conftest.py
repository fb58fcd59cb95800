"""What the tests of circuits share."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def random_designs():
    """Designs that respect a cell's ranges and constraints, uniform in the logarithm."""

    def draw(cell, count, seed=0):
        low, high = np.log(cell.bounds)[..., None]
        rng = np.random.default_rng(seed)
        found = np.empty((len(low), 0))
        while found.shape[1] < count:
            designs = np.exp(low + (high - low) * rng.random((len(low), 4 * count)))
            found = np.concatenate([found, designs[:, cell.inside(designs)]], axis=1)
        return found[:, :count]

    return draw
