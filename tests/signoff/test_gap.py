"""Many circuits: one for which ngspice hangs loses no other; where it hangs for all, it is over."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from printron.circuits import CONVERGED
from printron.circuits.ngspice import NgspiceError, NgspiceTimeout
from printron.errors import PrintronError
from printron.signoff import MODELS, SIMULATED, Reading, Verdict, gap
from printron.training import WeightedPower

RUNS = SimpleNamespace(
    table=pd.DataFrame(
        {
            "dataset": "iris",
            "goal": "weighted power",
            "alpha": np.linspace(0, 1, 9),
            "seed": 0,
            "activation_cell": "ptanh",
            "negation_cell": "negation",
            "majority": 0.3,
            "accuracy_test": 0.9,
            "power_total_W": 1e-4,
        }
    ),
    one=lambda k: k,
)
ROWS = np.zeros((2, 3)), np.zeros(3, int)
PROBLEM = SimpleNamespace(structure=None, rows={"train": ROWS, "test": ROWS})


def signing_off(monkeypatch, error_of):
    asked = []

    def sign_off(design, k, rows, **options):
        asked.append((k, options))
        raise error_of(k)

    monkeypatch.setattr(gap, "sign_off", sign_off)
    return asked


def test_it_is_given_up_where_ngspice_hangs_for_every_circuit(monkeypatch):
    asked = signing_off(monkeypatch, lambda k: NgspiceTimeout(f"circuit {k} hung"))
    with pytest.raises(NgspiceTimeout, match="3 circuits in a row: circuit 2 hung"):
        gap.gap_of(PROBLEM, RUNS, timeout_s=5.0)
    assert [k for k, _ in asked][:3] == [0, 1, 2]
    assert asked[0][1]["timeout_s"] == 5.0
    assert asked[0][1]["stop"].is_set()


def test_a_circuit_that_hangs_here_and_there_is_a_row(monkeypatch):
    signing_off(monkeypatch, lambda k: (NgspiceError if k % 3 == 0 else NgspiceTimeout)(f"no {k}"))
    table = gap.gap_of(PROBLEM, RUNS).table
    assert table["status"].tolist() == [f"no {k}" for k in range(9)]


def test_circuits_in_a_row_are_counted_through_data_sets(monkeypatch):
    """Two at the end of the first, one at the start of the second."""
    asked = signing_off(
        monkeypatch, lambda k: (NgspiceTimeout if k in (0, 7, 8) else NgspiceError)(f"no {k}")
    )
    hanging = gap.Hanging()
    gap.gap_of(PROBLEM, RUNS, hanging=hanging)
    with pytest.raises(NgspiceTimeout, match="3 circuits in a row: no 0"):
        gap.gap_of(PROBLEM, RUNS, hanging=hanging)
    assert asked[9][0] == 0


def reading(power_W):
    outputs = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    return Reading((outputs,), outputs, {"vdd": np.full(3, power_W)}, (CONVERGED,) * 3)


def test_what_ngspice_solves_is_simulated_and_what_passes_the_rule_is_signed_off(monkeypatch):
    """Circuit k takes 0.9 k % more power than training claims; the last is not solved at all."""

    def sign_off(design, k, rows, *, claimed, **options):
        if k == 8:
            raise NgspiceError("no disk")
        found = reading((1 + 0.9 * k / 100) * claimed.power_W)
        readings = dict.fromkeys(MODELS, found)
        return Verdict(rows[1], readings, 0.0, None, claimed=claimed)

    monkeypatch.setattr(gap, "sign_off", sign_off)
    runs = SimpleNamespace(table=RUNS.table.assign(accuracy_test=1.0), one=RUNS.one)
    found = gap.gap_between([gap.gap_of(PROBLEM, runs).table], WeightedPower)
    assert found.table["status"].tolist() == [*[SIMULATED] * 8, "no disk"]
    assert found.table["signed_off"].tolist() == [k <= 3 for k in range(9)]
    record = found.record()
    assert (record["circuits"], record["signed_off"], len(record["failed"])) == (8, 4, 1)
    assert found.distances()["power_max_percent"] == pytest.approx(6.3)
    assert found.overall()["signed_off"].tolist() == [k <= 3 for k in range(8)]


def test_a_gap_of_no_circuit_is_one_sentence(monkeypatch):
    signing_off(monkeypatch, lambda k: NgspiceError(f"no {k}"))
    with pytest.raises(PrintronError, match="no circuit could be simulated: no 0"):
        gap.gap_between([gap.gap_of(PROBLEM, RUNS).table], WeightedPower)
