"""The one Newton: roots are roots, limits break circles, high rails take more steps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.circuits import CONVERGED, sweep
from printron.circuits.newton import Policy, newton
from printron.technology import technology

FULL = Policy(most=100, limit_V=np.inf, free=100)
SHRINKING = Policy(most=100, limit_V=0.3, free=20, shrink=0.9)


def solved(function, start, policy, rail=np.inf):
    """Roots of a function of one node between two rails, for a batch of starts."""

    def step(v):
        value, slope = jax.jvp(function, (v,), (jnp.ones_like(v),))
        return -value / slope

    start = jnp.asarray(start)[None]
    v, error = newton(
        step, lambda v, d: jnp.clip(v + d, -rail, rail), start, start[0], 1e-12, policy
    )
    return np.asarray(v[0]), np.asarray(error)


def test_a_root_is_a_root():
    with jax.enable_x64(True):
        v, error = solved(jnp.sinh, [-2.0, 0.1, 3.0], FULL)
    np.testing.assert_allclose(v, 0, atol=1e-12)
    assert (error <= 1e-12).all()


def test_a_shrinking_limit_breaks_a_circle():
    with jax.enable_x64(True):
        _, round_and_round = solved(jnp.arctan, [1.5], FULL, 1.5)  # from one rail to the other
        v, error = solved(jnp.arctan, [1.5], SHRINKING, 1.5)
    assert round_and_round[0] > 3
    assert error[0] <= 1e-12
    assert v[0] == pytest.approx(0, abs=1e-12)


def test_the_limit_is_that_of_the_step():
    steps = jnp.arange(23)
    limits = np.asarray(SHRINKING.limit(steps))
    assert np.isinf(limits[:20]).all()
    np.testing.assert_allclose(limits[20:], [0.3, 0.27, 0.243], rtol=1e-6)


def test_what_is_not_a_number_is_given_up_and_holds_nobody_back():
    calls = []

    def function(v):
        return jnp.where(v > 50, jnp.nan, jnp.sinh(v))

    def counted(v):
        jax.debug.callback(lambda: calls.append(1))
        return function(v)

    with jax.enable_x64(True):
        v, error = solved(counted, [0.5, 100.0], FULL)
    assert v[0] == pytest.approx(0, abs=1e-12)
    assert (error[0] <= 1e-12, error[1]) == (True, np.inf)
    jax.effects_barrier()
    assert len(calls) < 20


def test_designs_between_high_rails_converge(random_designs):
    """A node that has to go 40 V needs more steps of 0.3 V than one between rails of 1 V."""
    library = technology()
    rails = {**library.process.rails, "vdd": 20.0, "vss": -20.0}
    process = library.process.model_copy(update={"rails": rails})
    cell = library.cells["ptanh"]
    found = sweep(cell, process, random_designs(cell, 200), np.linspace(*cell.sweep, 41))
    assert found.status == (CONVERGED,) * 200
