"""A readout that tells outputs apart by a margin: what counts as right, and what it costs."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from printron.training.blocks import equal_blocks
from printron.training.terms import LOGIT_SCALE_PER_V, cross_entropy, lead, right_of_class

CLASSES, ROWS = 3, 16
millivolts = st.integers(-1000, 1000)  # whole ones: leads are exact


def accuracy(*given, **options):
    return right_of_class(*given, **options).sum()


@st.composite
def readings(draw):
    """Outputs, V, [CLASSES, ROWS], and a block with labels and a default class."""
    size = CLASSES * ROWS
    out = np.array(draw(st.lists(millivolts, min_size=size, max_size=size)), np.float32)
    labels = draw(st.lists(st.integers(0, CLASSES - 1), min_size=ROWS, max_size=ROWS))
    default = draw(st.integers(0, CLASSES - 1))
    (block,) = equal_blocks(
        np.zeros((1, ROWS), np.float32), np.array(labels, np.int32), ROWS, default
    )
    return jnp.asarray(out.reshape(CLASSES, ROWS)), block


def test_the_lead_by_hand():
    out = jnp.asarray([[0.5, 0.2, 0.3], [0.1, 0.9, 0.3], [0.25, 0.4, 0.0]])
    found = lead(out, jnp.asarray([0, 2, 1]))
    np.testing.assert_allclose(found, [0.25, -0.5, 0.0], atol=1e-7)


@settings(max_examples=20)
@given(readings(), st.integers(1, 500), st.integers(0, 500))
def test_a_larger_margin_never_makes_more_right(given_readings, least, more):
    out, block = given_readings
    hits = [
        float(accuracy(out, block, margin=float(margin))) for margin in (0, least, least + more)
    ]
    assert hits[0] >= hits[1] >= hits[2]


@settings(max_examples=20)
@given(readings(), st.integers(1, 500))
def test_rows_are_clear_where_the_right_output_leads_by_the_margin(given_readings, margin):
    out, block = given_readings
    volts, labels = np.asarray(out), np.asarray(block.labels)
    clear = [
        all(volts[right, k] - volts[j, k] >= margin for j in range(CLASSES) if j != right)
        for k, right in enumerate(labels)
    ]
    assert float(accuracy(out, block, margin=float(margin))) == pytest.approx(np.mean(clear))


@settings(max_examples=20)
@given(readings())
def test_no_margin_changes_nothing(given_readings):
    """What counts is the largest output, and of equal ones the default class."""
    out, block = given_readings
    assert accuracy(out, block) == accuracy(out, block, margin=0.0)
    assert cross_entropy(out / 1000, block) == cross_entropy(out / 1000, block, 0.0)
    volts, labels = np.asarray(out, np.float64) / 1000, np.asarray(block.labels)
    default = int(block.default)
    answers = [default if row[default] == row.max() else row.argmax() for row in volts.T]
    assert float(accuracy(out, block)) == pytest.approx(np.mean(answers == labels))
    logits = LOGIT_SCALE_PER_V * volts
    expected = np.mean(logsumexp(logits, axis=0) - logits[labels, np.arange(ROWS)])
    assert float(cross_entropy(out / 1000, block)) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@settings(max_examples=20)
@given(readings(), st.integers(1, 500))
def test_a_margin_costs_as_much_as_a_lower_right_output(given_readings, margin):
    out, block = given_readings
    volts, labels = np.asarray(out) / 1000, np.asarray(block.labels)
    lower = volts.copy()
    lower[labels, np.arange(ROWS)] -= margin / 1000
    found = float(cross_entropy(jnp.asarray(volts), block, margin / 1000))
    assert found == pytest.approx(float(cross_entropy(jnp.asarray(lower), block)), rel=1e-5)
    assert found >= float(cross_entropy(jnp.asarray(volts), block))


def test_a_row_without_an_operating_point_is_not_clear():
    (block,) = equal_blocks(np.zeros((1, 2), np.float32), np.zeros(2, np.int32), 2)
    out, solved = jnp.asarray([[1.0, 1.0], [0.0, 0.0]]), jnp.asarray([True, False])
    assert accuracy(out, block, solved, margin=0.5) == pytest.approx(0.5)
