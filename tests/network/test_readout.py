"""The answer is the largest output; in a tie the default class, if it is among the largest."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import commonest_class, winner

#                  all tie  0, 2 tie  1, 2 tie  no tie   almost
OUTPUTS = np.array([[0.0, 0.8, 0.1, 0.2, 0.5], [0, 0.3, 0.7, 0.9, 0.1], [0, 0.8, 0.7, 0.4, 0.5]])
OUTPUTS[2, 4] += 1e-7


@pytest.mark.parametrize(
    ("default", "answers"),
    [(0, [0, 0, 1, 1, 2]), (1, [1, 0, 1, 1, 2]), (2, [2, 2, 2, 1, 2])],
)
@pytest.mark.parametrize("kind", [np.asarray, lambda x: jnp.asarray(x, jnp.float32)])
def test_a_tie_is_answered_by_the_default_class_and_nothing_else_is(kind, default, answers):
    assert np.asarray(winner(kind(OUTPUTS), default)).tolist() == answers
    compiled = jax.jit(winner)(jnp.asarray(OUTPUTS, jnp.float32), jnp.asarray(default))
    assert compiled.tolist() == answers


def test_doubles_stay_doubles():
    """Sign-off reads voltages in double precision: 1e-12 V apart is no tie."""
    assert winner(np.array([[0.5], [0.5 + 1e-12]]), 0).tolist() == [1]


def test_the_commonest_class_of_equally_common_ones_is_the_first():
    assert commonest_class(np.array([2, 1, 1, 2, 0])) == 1
