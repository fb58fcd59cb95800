"""Printed copies in a sign-off: both solvers see the same copies, and say when they do not."""

import numpy as np
import pytest
from made_up_circuit import made_runs

from printron.circuits import CONVERGED
from printron.results import circuit_of
from printron.signoff import CopiesWanted, Reading, sign_off_circuit
from printron.signoff.copies import Pair, agreement
from printron.technology.conditions import ConditionsSpec
from printron.training import Schedule

LABELS = np.array([0, 1, 1, 0])
OUTPUTS = np.array([[0.5, 0.1, 0.300, 0.2], [0.1, 0.4, 0.305, 0.1]])


def reading(outputs=OUTPUTS, lost=()):
    status = tuple("lost" if k in lost else CONVERGED for k in range(len(LABELS)))
    return Reading((), np.asarray(outputs), {}, status)


def test_outputs_that_agree_are_told_apart_from_others():
    same = agreement([Pair(reading(), reading(OUTPUTS + 1e-6))], LABELS, 0, 0.0)
    assert same["agree"]
    assert same["worst_V"] == pytest.approx(1e-6)
    assert (same["rows_that_differ"], same["unsolved"]) == (0, 0)
    assert same["accuracy"] == same["accuracy_built_in"] == [1.0]
    other = agreement([Pair(reading(), reading(OUTPUTS[::-1]))], LABELS, 0, 0.0)
    assert not other["agree"]
    assert other["rows_that_differ"] == 4


def test_rows_that_only_ngspice_solves_are_no_agreement():
    assert not agreement([Pair(reading(lost=[1]), reading())], LABELS, 0, 0.0)["agree"]
    found = agreement([Pair(reading(), reading(lost=[1]))], LABELS, 0, 0.0)
    assert found["agree"]
    assert found["unsolved"] == 1
    nothing = agreement([Pair(reading(), None)], LABELS, 0, 0.0)
    assert (nothing["agree"], nothing["worst_V"], nothing["unsolved"]) == (False, None, 4)


def test_a_margin_counts_rows_where_the_right_output_leads_by_less():
    for margin, accuracy in ((0.0, 1.0), (0.004, 1.0), (0.006, 0.75), (0.35, 0.25), (0.5, 0.0)):
        assert reading().accuracy(LABELS, 0, margin) == accuracy
    wrong = agreement([Pair(reading(), reading())], LABELS, 0, 0.006)
    assert wrong["accuracy"] == [0.75]


def test_balanced_accuracy_is_the_mean_over_classes():
    labels = np.array([0, 1, 1, 1])
    found = reading()
    assert found.accuracy(labels) == 0.75
    assert found.balanced_accuracy(labels) == pytest.approx((1 + 2 / 3) / 2)
    assert found.balanced_accuracy(LABELS) == found.accuracy(LABELS) == 1


@pytest.fixture(scope="module")
def signed(problem, tmp_path_factory):
    """A circuit that nobody trained, with a few copies."""
    schedule = Schedule(epochs=20, sources="loaded")
    folder = tmp_path_factory.mktemp("circuit")
    circuit = circuit_of(problem, made_runs(problem, 2), schedule, folder)
    wanted = CopiesWanted(
        16,
        ConditionsSpec(
            variation="process", supply_tolerance="5 %", drift="5 mV", source_resistance="1 Mohm"
        ),
        spice=3,
    )
    return sign_off_circuit(circuit, "test", problem.rows["test"], copies=wanted, workers=1)


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_ngspice_solves_the_same_copies_as_the_built_in_solver(signed):
    _, record = signed
    copies, found = record["copies"], record["copies"]["spice"]
    assert found["agree"]
    assert found["worst_V"] < 1e-5
    assert (found["copies"], found["rows"], found["unsolved"]) == (3, 30, 0)
    assert found["accuracy"] == found["accuracy_built_in"]
    assert len(set(found["accuracy"])) > 1 or copies["power_p95_W"] > copies["power_mean_W"]
    assert (copies["n"], record["margin_V"]) == (16, 0.0)
    assert copies["yield_low"] <= copies["yield"] <= copies["yield_high"]


@pytest.mark.slow
def test_the_circuit_as_designed_is_the_one_of_training(signed):
    """Judging copies under other conditions changes nothing about the claim."""
    verdict, record = signed
    assert record["copies"]["designed"] == verdict.accuracy("loaded")
