"""Classes that count alike, however rare: in the loss, and in the accuracy that selects."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printron.errors import PrintronError
from printron.network import build_layers, forward
from printron.training import Schedule, WeightedPower, train
from printron.training.blocks import cut_blocks
from printron.training.terms import LOGIT_SCALE_PER_V, balanced, cross_entropy, right_of_class

CLASSES = 3
SCHEDULE = Schedule(epochs=300, starts=1)


@st.composite
def outputs(draw):
    """Labels with every class among them, and outputs, V, [CLASSES, S]."""
    labels = [*range(CLASSES), *draw(st.lists(st.integers(0, CLASSES - 1), max_size=12))]
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return np.array(labels), rng.uniform(-0.3, 0.3, (CLASSES, len(labels))).astype(np.float32)


def measures(out, labels, **options):
    """Cross-entropy and accuracy."""
    blocks = cut_blocks(np.zeros((1, len(labels)), np.float32), labels, 100, **options)
    block = jax.tree.map(lambda x: x[0], blocks)
    out = jnp.asarray(out)
    return float(cross_entropy(out, block)), float(right_of_class(out, block).sum())


@settings(max_examples=25, deadline=None)
@given(outputs(), st.integers(0, CLASSES - 1), st.integers(2, 4))
def test_rows_of_a_class_that_are_repeated_change_nothing(seen, repeated, times):
    labels, out = seen
    more = np.repeat(np.arange(len(labels)), np.where(labels == repeated, times, 1))
    once = measures(out, labels, balanced=True)
    assert measures(out[:, more], labels[more], balanced=True) == pytest.approx(once, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(outputs())
def test_balanced_measures_are_means_over_the_classes(seen):
    labels, out = seen
    each = [measures(out[:, labels == k], labels[labels == k]) for k in range(CLASSES)]
    assert measures(out, labels, balanced=True) == pytest.approx(np.mean(each, 0), rel=1e-4)
    of_class = np.array([np.mean((out.argmax(0) == k) & (labels == k)) for k in range(CLASSES)])
    assert balanced(of_class, labels) == pytest.approx(np.mean(each, 0)[1], abs=1e-6)


def test_parts_of_the_rows_have_weights_of_sum_1():
    labels = np.arange(40) % 7 % CLASSES
    blocks = cut_blocks(np.zeros((1, 40), np.float32), labels, 10, shuffled=True, balanced=True)
    part = blocks.part(jnp.asarray([0, 2]))
    assert float(part.balanced.sum()) == pytest.approx(1, rel=1e-6)
    assert float(part.weights.sum()) == pytest.approx(1, rel=1e-6)


def test_a_word_that_is_no_weighting_is_refused():
    with pytest.raises(PrintronError, match="class_weights .*must be none or balanced"):
        Schedule(class_weights="some")


@pytest.fixture(scope="module")
def rare():
    """Rows of two classes that overlap, one of them eight times rarer."""
    rng = np.random.default_rng(3)

    def part(number):
        labels = (np.arange(number) % 9 == 0).astype(np.int32)
        volts = np.clip(rng.normal(0.4 + 0.15 * labels, 0.15, (2, number)), 0, 1)
        return volts.astype(np.float32), labels

    return {"train": part(180), "valid": part(90), "test": part(90)}


@pytest.mark.slow
def test_a_rare_class_is_found_where_classes_count_alike(make_design, rare):
    """Without weights the commonest answer is nearly always the best."""
    structure = make_design((2, 2))
    goals, seeds = [WeightedPower(0.1)] * 2, np.array([0, 1])
    recalls = {}
    for weights in ("none", "balanced"):
        schedule = replace(SCHEDULE, class_weights=weights)
        found = train(structure, rare, goals, seeds, schedule=schedule, workers=1)
        terms, (_, labels) = found.terms["train"], rare["train"]
        recalls[weights] = balanced(terms.of_class, labels)
        assert (terms.of_class.sum(-1) == terms.accuracy).all()
    assert (recalls["balanced"] > recalls["none"] + 0.1).all()
    # Selected by the mean over the classes on the validation rows, and the power of all rows.
    volts, labels = rare["valid"]
    for k in range(2):
        one = jax.tree.map(lambda x, k=k: jnp.asarray(x[k]), found.parameters)
        out = np.asarray(forward(structure, build_layers(structure, one), volts)[0], np.float64)
        logits = LOGIT_SCALE_PER_V * out
        nats = np.log(np.exp(logits).sum(0)) - logits[labels, np.arange(len(labels))]
        entropy = np.mean([nats[labels == each].mean() for each in (0, 1)])
        power = found.terms["valid"].power.total[k] / found.P_ref
        assert found.score[k] == pytest.approx(0.9 * entropy + 0.1 * power, rel=1e-4)
