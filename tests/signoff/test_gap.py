"""Many circuits: one for which ngspice hangs loses no other; where it hangs for all, it is over."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from printron.circuits.ngspice import NgspiceError, NgspiceTimeout
from printron.signoff import gap

RUNS = SimpleNamespace(
    table=pd.DataFrame(
        {
            "dataset": "iris",
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
PROBLEM = SimpleNamespace(design=None, rows={"train": ROWS, "test": ROWS})


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
