"""Counts of printed parts: exact forward, soft backward."""

import jax
import numpy as np
import pytest
from crossbar_reference import G_MAX, G_MIN, thetas
from hypothesis import given, settings

from printron.network import print_crossbar
from printron.network.power import count, negated_rows_soft

laws = settings(deadline=None, max_examples=150, derandomize=True)


@jax.jit
def _counted(theta):
    crossbar = print_crossbar(theta, G_MIN, G_MAX)
    soft = negated_rows_soft(theta, crossbar)
    slope = jax.grad(lambda t: negated_rows_soft(t, print_crossbar(t, G_MIN, G_MAX)).sum())(theta)
    return count(crossbar), soft, slope


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
