"""Symmetries and limits of the optimiser, whatever the gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.characterization.soap import moved, nothing_yet

RATE = 0.01


@pytest.fixture(autouse=True)
def double():
    """In float64 the laws hold to many digits."""
    with jax.enable_x64(True):
        yield


def followed(matrix, slope_of, steps, rate=RATE):
    """The matrices after each step."""
    kept, found = nothing_yet(matrix), []
    go = jax.jit(lambda m, k, s: moved(m, slope_of(m), k, jnp.float64(rate), s))
    for step in range(steps):
        matrix, kept = go(matrix, kept, jnp.int32(step))
        found.append(np.asarray(matrix))
    return found


@pytest.fixture
def valley():
    """Slope of a steep valley in a 4 x 3 matrix, [rows and columns turned against the axes]."""
    rng = np.random.default_rng(0)
    rows, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    columns, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    left, right = (
        jnp.asarray(q @ np.diag(10.0 ** np.linspace(0, -3, len(q))) @ q.T) for q in (rows, columns)
    )
    goal = jnp.asarray(rng.normal(size=(4, 3)))
    return lambda matrix: left @ (matrix - goal) @ right, goal


def test_a_transposed_problem_has_the_transposed_path(valley):
    slope_of, _ = valley
    start = jnp.ones((4, 3))
    plain = followed(start, slope_of, 30)
    turned = followed(start.T, lambda m: slope_of(m.T).T, 30)
    for a, b in zip(plain, turned, strict=True):
        np.testing.assert_allclose(a, b.T, rtol=0, atol=2e-4)


def test_a_step_is_as_long_as_the_rate_says_whatever_the_size_of_the_slope(valley):
    slope_of, _ = valley
    start = jnp.ones((4, 3))
    first = [
        followed(start, lambda m, size=size: size * slope_of(m), 1)[0] - start
        for size in (1e-2, 1e4)
    ]
    for move in first:
        np.testing.assert_allclose(np.abs(move), RATE, rtol=1e-2)


def test_it_crosses_a_valley_a_million_times_narrower_than_long(valley):
    """Plain gradients do not: the steepest slope limits their rate."""
    slope_of, goal = valley
    start = jnp.zeros((4, 3))
    found = followed(start, slope_of, 3000)[-1]
    missed = np.abs(found - goal).max()
    assert missed < 0.02 * np.abs(goal).max()
    plain = jax.lax.fori_loop(0, 3000, lambda _, m: m - slope_of(m), start)
    assert np.abs(plain - goal).max() > 0.5 * np.abs(goal).max()
