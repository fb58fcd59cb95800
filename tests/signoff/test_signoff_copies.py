"""Printed copies in a sign-off: both solvers see the same copies, and say when they do not."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_circuit import made_runs

from printron.circuits import CONVERGED
from printron.network import network_of
from printron.results import circuit_of
from printron.signoff import CopiesWanted, Reading, sign_off_circuit
from printron.signoff.copies import Pair, agreement, printed_layers
from printron.signoff.readings import reading_of_layers
from printron.technology.conditions import ConditionsSpec
from printron.training import Schedule

USE = ConditionsSpec(
    variation="process", supply_tolerance="5 %", drift="5 mV", source_resistance="1 Mohm"
)
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
    nothing = agreement([Pair(reading(), None)], LABELS, 0, 0.0)
    assert (nothing["agree"], nothing["worst_V"], nothing["unsolved"]) == (False, None, 4)


def test_rows_that_ngspice_does_not_solve_are_no_agreement_unless_they_are_few():
    """Or those that the built-in solver does not solve either: both count them as wrong."""
    whole, one_lost = Pair(reading(), reading()), Pair(reading(), reading(lost=[1]))
    for others, agrees in ((0, False), (23, False), (24, True)):  # of 100 rows, one
        found = agreement([one_lost, *[whole] * others], LABELS, 0, 0.0)
        assert found["agree"] == agrees
        assert found["unsolved"] == 1
        assert found["unsolved_share"] == pytest.approx(1 / (4 * (others + 1)))
    neither = agreement([Pair(reading(lost=[1]), reading(lost=[1])), whole], LABELS, 0, 0.0)
    assert (neither["agree"], neither["unsolved"], neither["unsolved_share"]) == (True, 1, 0.0)
    timed_out = agreement([Pair(reading(), None), *[whole] * 9], LABELS, 0, 0.0)
    assert not timed_out["agree"]


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
    assert found.recalls(labels) == [1, pytest.approx(2 / 3)]
    assert found.recalls(np.zeros(4, int)) == [0.5, None]
    assert found.balanced_accuracy(np.zeros(4, int)) == 0.5
    assert found.balanced_accuracy(LABELS) == found.accuracy(LABELS) == 1


@pytest.fixture(scope="module")
def signed(problem, tmp_path_factory):
    """A circuit that nobody trained, with a few copies."""
    schedule = Schedule(epochs=20, sources="loaded")
    folder = tmp_path_factory.mktemp("circuit")
    circuit = circuit_of(problem, made_runs(problem, 2), schedule, folder)
    wanted = CopiesWanted(16, USE, spice=3)
    rows = problem.rows["test"]
    return circuit, *sign_off_circuit(circuit, "test", rows, copies=wanted, workers=1)


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_ngspice_solves_the_same_copies_as_the_built_in_solver(signed):
    _, _, record = signed
    copies, found = record["copies"], record["copies"]["spice"]
    assert found["agree"], found
    assert found["worst_V"] < 1e-5
    assert (found["copies"], found["rows"], found["unsolved"]) == (3, 30, 0)
    assert found["accuracy"] == found["accuracy_built_in"]
    assert len(set(found["accuracy"])) > 1 or copies["power_p95_W"] > copies["power_mean_W"]
    assert (copies["n"], record["margin_V"]) == (16, 0.0)


@pytest.mark.slow
def test_the_circuit_as_designed_is_the_one_of_training(signed):
    """Judging copies under other conditions changes nothing about the claim."""
    _, verdict, record = signed
    assert record["copies"]["designed"] == verdict.accuracy("loaded")


@pytest.mark.slow
def test_the_yield_is_the_share_of_copies_that_keep_the_accuracy(signed, problem):
    """Each copy solved on its own in double precision; an end of the interval is a yield by which
    the share that was found is just 1.96 standard deviations off (Wilson 1927)."""
    circuit, verdict, record = signed
    copies, (volts, labels) = record["copies"], problem.rows["test"]
    volts = np.asarray(volts, np.float64)
    structure = replace(circuit.structure, conditions=USE.on(circuit.technology.process))
    shares = []
    for layers in printed_layers(structure, circuit.parameters, copies["n"]):
        found = reading_of_layers(structure, layers, network_of(structure, layers), volts)
        shares.append(np.mean(found.outputs.argmax(0) == labels))
    kept = np.mean(np.array(shares) >= verdict.accuracy("loaded") - 0.05 - 1e-9)
    assert copies["yield"] == kept
    for end in (copies["yield_low"], copies["yield_high"]):
        spread = np.sqrt(end * (1 - end) / copies["n"])
        assert abs(kept - end) == pytest.approx(1.959964 * spread, rel=1e-5, abs=1e-9)
