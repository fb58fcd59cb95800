"""Counts of printed parts: exact forward, soft backward."""

import jax
import numpy as np
import pytest
from crossbar_reference import G_MAX, G_MIN, thetas
from hypothesis import given, settings

from printron.network import print_crossbar
from printron.network.counts import activations_soft, count, negated_rows_soft

laws = settings(deadline=None, max_examples=150, derandomize=True)


@jax.jit
def _counted(theta):
    crossbar = print_crossbar(theta, G_MIN, G_MAX)
    soft = negated_rows_soft(theta, crossbar)
    slope = jax.grad(lambda t: negated_rows_soft(t, print_crossbar(t, G_MIN, G_MAX)).sum())(theta)
    return count(crossbar, crossbar.has_input), soft, slope


def counted(theta):
    """Exact counts, the rows' soft count and the gradient of its sum, in float64."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _counted(np.asarray(theta, np.float64)))


def printed_by_hand(theta, i, j):
    largest = max(abs(x) for x in theta[:, j])
    return theta[i, j] != 0 and abs(theta[i, j]) >= largest * (G_MIN / G_MAX)


@laws
@given(thetas)
def test_counts_are_exact(theta):
    """One resistor at a time, in Python: the bias row may be negated, the ground row may not."""
    rows, columns = theta.shape
    resistors, fed, negated = 0, set(), set()
    for i in range(rows):
        for j in range(columns):
            if not printed_by_hand(theta, i, j):
                continue
            resistors += 1
            if i < rows - 2:
                fed.add(j)
            if i < rows - 1 and theta[i, j] < 0:
                negated.add(i)
    exact, soft, _ = counted(theta)
    assert exact == (resistors, len(fed), len(negated))
    assert soft.tolist() == [float(i in negated) for i in range(rows - 1)]


@laws
@given(thetas)
def test_the_count_of_negations_has_the_soft_gradient(theta):
    """d/dTheta of sum_rows max_columns 1{Theta<0} (1 - sigmoid(Theta)), written out.

    The maximum of a row is at its most negative Theta; equal ones share its slope, -s (1 - s).
    """
    expected = np.zeros_like(theta)
    for i, row in enumerate(theta[:-1]):
        if row.min() >= 0:
            continue
        soft = 1 / (1 + np.exp(row))
        largest = soft[row < 0].max()
        winners = (soft == largest) & (row < 0)
        expected[i] = np.where(winners, -soft * (1 - soft) / winners.sum(), 0)
    _, _, slope = counted(theta)
    assert slope == pytest.approx(expected, rel=1e-6, abs=1e-12)


TEMPERATURE = 0.3


@jax.jit
def _slope_with_temperature(theta):
    crossbar = print_crossbar(theta, G_MIN, G_MAX)
    return jax.grad(lambda t: negated_rows_soft(t, crossbar, TEMPERATURE).sum())(theta)


def test_with_a_temperature_taking_a_sign_away_pays_a_whole_circuit():
    """The slope from a large negative Theta up to 0, added up; the column's mean is held."""
    theta = np.full((5, 1), 0.1)
    path = np.linspace(-0.5, 0, 2001)[:-1] + 0.5 / 4000
    saved = 0.0
    for x in path:
        theta[1, 0], others = x, (0.5 - abs(x)) / 4
        theta[[0, 2, 3, 4], 0] = others  # so that the mean stays 0.1
        with jax.enable_x64(True):
            saved -= float(_slope_with_temperature(theta)[1, 0]) * 0.5 / 2000
    assert saved == pytest.approx(1, rel=1e-3)


@jax.jit
def _counts_with_temperature(theta):
    crossbar = print_crossbar(theta, G_MIN, G_MAX)
    rows = negated_rows_soft(theta, crossbar, TEMPERATURE), crossbar.negated_rows
    return rows, (
        activations_soft(theta, crossbar.has_input, None, TEMPERATURE),
        crossbar.has_input,
    )


@laws
@given(thetas)
def test_a_temperature_changes_slopes_and_no_count(theta):
    with jax.enable_x64(True):
        for soft, exact in jax.tree.map(np.asarray, _counts_with_temperature(theta)):
            assert np.array_equal(soft, exact)


def test_an_activation_is_given_up_by_what_feeds_it_and_by_what_it_feeds():
    """Every resistor at a neuron that has an activation circuit feels it, at others none does."""
    theta = np.array([[0.5, 0.0], [-0.2, 0.0], [0.3, 0.4], [0.2, 0.4]])
    outgoing = np.array([[0.4, -0.1], [0.3, 0.2], [0.2, 0.5], [0.1, 0.3]])

    def total(theta, outgoing):
        crossbar = print_crossbar(theta, G_MIN, G_MAX)
        return activations_soft(theta, crossbar.has_input, outgoing, TEMPERATURE).sum()

    with jax.enable_x64(True):
        fed, feeds = map(np.asarray, jax.grad(total, (0, 1))(theta, outgoing))
    assert (np.sign(fed[:2, 0]) == [1, -1]).all()
    assert (np.sign(feeds[0]) == [1, -1]).all()
    assert not fed[:, 1].any()
    assert not feeds[1:].any()
    assert not fed[2:].any()


def test_one_negation_serves_all_columns_of_a_row():
    theta = np.array([[-1.0, -0.5], [1.0, -0.2], [0.4, 0.1], [0.3, -0.9]])
    exact, _, slope = counted(theta)
    assert exact == (8, 2, 2)
    # Only the column that asks most for it feels the price.
    assert slope[0, 1] == 0
    assert slope[0, 0] == pytest.approx(-np.exp(-1) / (1 + np.exp(-1)) ** 2)


def test_a_sign_that_is_not_printed_needs_no_negation():
    exact, soft, _ = counted([[-0.0005, 0.3], [1.0, 1.0], [0.2, 0.2], [0.2, 0.2]])
    assert exact == (7, 2, 0)
    assert soft.tolist() == [0, 0, 0]
