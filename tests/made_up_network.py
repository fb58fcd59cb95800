"""Parameters of a network that nobody trained."""

import numpy as np

from printron.network import Parameters


def made_parameters(design, seed=0, scaled=False):
    """Random parameters with negative, absent and unconnected resistors.

    `scaled`: columns that conduct more than the least, some the most that can be printed.
    """
    rng = np.random.default_rng(seed)
    theta = []
    for m, n in zip(design.topology[:-1], design.topology[1:], strict=True):
        size = 10 ** rng.uniform(-4, 0, (m + 2, n))  # some below a thousandth of the largest
        theta.append(np.where(rng.random(size.shape) < 0.4, -size, size).astype(np.float32))

    def cells(groups):
        shapes = ((len(group.model.cell.variables), group.count) for group in groups)
        return tuple(rng.normal(0, 2, shape).astype(np.float32) for shape in shapes)

    return Parameters(
        tuple(theta),
        cells(design.groups("activation")),
        cells(design.groups("negation")),
        tuple(rng.uniform(3, 9, n).astype(np.float32) for n in design.topology[1:] if scaled),
    )
