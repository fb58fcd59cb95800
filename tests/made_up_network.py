"""Networks that nobody trained: which to try, their parameters, and what holds of each."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from printron.network import Parameters, build_layers


def some_slow(names, *slow):
    """Names as parameters of a fixture; those of slow ones are marked."""
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]


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


def countless(design, parameters):
    """The layers, without the slopes of counts, which are no differences."""
    return tuple(
        layer._replace(
            negations=jax.lax.stop_gradient(layer.negations),
            activations=jax.lax.stop_gradient(layer.activations),
        )
        for layer in build_layers(design, parameters)
    )


def assert_finite_difference(value, parameters, gradient, ways):
    """The gradient of a value is its finite difference, in some random directions."""
    rng = np.random.default_rng(2)
    for _ in range(ways):
        way = jax.tree.map(lambda x: jnp.asarray(rng.normal(size=x.shape)) * x, parameters)
        ahead = sum(
            jnp.vdot(a, b)
            for a, b in zip(jax.tree.leaves(gradient), jax.tree.leaves(way), strict=True)
        )
        there = []
        for h in (1e-6, -1e-6):
            moved = jax.tree.map(lambda x, d, h=h: x + h * d, parameters, way)
            there.append(float(value(moved)))
        assert float(ahead) == pytest.approx((there[0] - there[1]) / 2e-6, rel=1e-5)
