"""A survey of many circuits goes on: what was simulated is kept, and nothing else."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from printron.base.files import write_table
from printron.signoff import SIMULATED, survey
from printron.signoff.survey import kept_table


@pytest.mark.parametrize("damage", [b"junk", b"", None])
def test_what_was_kept_and_is_damaged_is_done_anew(tmp_path, damage):
    table, mark, path = pd.DataFrame({"seed": [1, 2]}), {"format": 3}, tmp_path / "iris.parquet"
    assert kept_table(path, mark) is None
    write_table(table, path, mark)
    pd.testing.assert_frame_equal(kept_table(path, mark), table)
    assert kept_table(path, {"format": 2}) is None
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    assert kept_table(path, mark) is None


class MadeUpRuns:
    def __init__(self, seeds):
        self.table = pd.DataFrame({"seed": seeds})

    def take(self, numbers):
        return MadeUpRuns(self.table["seed"].to_numpy()[numbers])


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """A survey of four made-up circuits a data set, without training and without ngspice."""
    monkeypatch.setattr(survey, "load_parameters", lambda *_: MadeUpRuns(np.arange(4)))
    monkeypatch.setattr(survey, "stored_problem", lambda *_: None)
    monkeypatch.setattr(survey, "chosen_runs", lambda runs, _: runs)
    monkeypatch.setattr(survey, "_checksum", lambda _: "x")
    return survey.Survey("x", [0.0], tmp_path, {})


@pytest.mark.parametrize("failing", [[0, 2], [0, 1, 2, 3]])
def test_circuits_that_failed_are_simulated_again_and_no_others(monkeypatch, made_up, failing):
    asked = []

    def gap_of(_, runs, *, hanging, **options):
        assert hanging is made_up.hanging  # one for all data sets
        asked.append(runs.table["seed"].tolist())
        rows = [
            {"seed": k, "status": "no disk"}
            if k in failing and len(asked) == 1
            else {"seed": k, "status": SIMULATED, "accuracy_spice": k / 4}
            for k in asked[-1]
        ]
        return SimpleNamespace(table=pd.DataFrame(rows))

    monkeypatch.setattr(survey, "gap_of", gap_of)
    assert (made_up.simulate(made_up.part("iris"))["status"] == "no disk").sum() == len(failing)
    for _ in range(2):
        table = made_up.simulate(made_up.part("iris"))
        assert table["seed"].tolist() == [0, 1, 2, 3]
        assert table["accuracy_spice"].tolist() == [0, 0.25, 0.5, 0.75]
        assert set(table["status"]) == {SIMULATED}
    assert asked == [[0, 1, 2, 3], failing]
