"""The printed copies that training sees, and those by which circuits are selected.

A step sees pairs of opposite copies: what one copy adds to a component the other takes away, so
that the mean over copies has no error of first order in the deviations. From step to step copies
drift through the distribution of all copies (`drifted`): each step has fresh ones, near enough to
those of the step before for operating points to be tracked.
"""

import jax
import jax.numpy as jnp
from jax import Array

from printron.network import Copy, Structure, draw_copies, numbered_copies

KEPT = 0.9  # correlation of copies from one step to the next
SELECTION_SEED = 7001  # of the copies by which snapshots are selected: the same in every check


def begin_copies(structure: Structure, key: Array, draws: int) -> Copy | None:
    """Half of the copies of the first step, [draws / 2]; None where copies are as designed."""
    if not structure.conditions.varied:
        return None
    return draw_copies(structure, jax.random.split(key, draws // 2))


def drifted(structure: Structure, copies: Copy, key: Array, windows: int = 1) -> Copy:
    """The copies of the next step: drawn from the same distribution as these.

    Parameters
    ----------
    windows : steps after which a step sees the same rows again; copies drift by as much in between
        as in one step that sees all rows.
    """
    kept = KEPT ** (1 / windows)
    number = len(copies.shared["supply"])
    fresh = draw_copies(structure, jax.random.split(key, number))
    rest = (1 - kept**2) ** 0.5
    return jax.tree.map(lambda old, new: kept * old + rest * new, copies, fresh)


def both(copies: Copy) -> Copy:
    """The copies and their opposites."""
    return jax.tree.map(lambda x: jnp.concatenate([x, -x]), copies)


def selection_copies(structure: Structure, number: int) -> Copy:
    """The copies by which snapshots are selected, [number]."""
    return numbered_copies(structure, SELECTION_SEED, jnp.arange(number))
