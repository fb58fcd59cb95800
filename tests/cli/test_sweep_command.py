"""`printron sweep`: its results, resuming, its values of alpha and seeds."""

import json

import pandas as pd
import pytest
from made_up_runs import made_up_table
from quick import PUBLISHED

from printron.analysis import front_records, select
from printron.cli.tables import front_table
from printron.errors import PrintronError
from printron.experiments import tasks


def test_sweep_writes_its_results_and_resumes(run, run_json, tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    words = ("sweep", "iris", "--alphas", "0,0.5", "--seeds", 2, *PUBLISHED, "--out", out)
    code, record = run_json(*words)
    assert code == 0
    assert record["runs"] == 4
    assert "selected by validation rows" in record["rule"]
    assert sum(row["chosen"] for row in record["front"]) == 1
    assert all("majority" in row for row in record["front"])
    table = pd.read_parquet(out / "results.parquet")
    assert table["alpha"].tolist() == [0, 0, 0.5, 0.5]
    for name in ("alpha.png", "alpha.svg", "front.png", "front.svg", "front.json", "results.csv"):
        assert (out / name).stat().st_size > 0
    assert set(record["files"]) <= {str(path) for path in out.rglob("*")}
    chosen = json.loads((out / "chosen" / "circuit.json").read_text())
    assert chosen == record["chosen"]

    monkeypatch.setattr(tasks, "run_batch", None)  # would fail if anything were trained
    code, text, _ = run(*words)
    assert code == 0
    assert "selected by validation rows" in text.replace("\n", " ")
    code, _, err = run(*words[:2], "--alphas", "0,1", *words[4:])
    assert code == 2
    assert "another experiment" in err


def test_a_front_shows_how_copies_spread():
    """Beside the test accuracy as designed; with the accuracy of copies that chose the circuits."""
    table = made_up_table([0.0, 0.5], [0, 0])
    judged = {"copies": 200, "copies_mean": 0.777, "copies_p5": 0.555, "copies_yield": 0.5}
    printed = table.assign(**judged, copies_unsolved=0, merit_valid=[0.612, 0.611])
    texts = []
    for each in (table, printed):
        selection = select(each)
        record = {"dataset": "iris", "runs": 2, "rule": selection.rule, "alphas": [0.0, 0.5]}
        sheet = front_table({**record, "front": front_records(selection)})
        texts.append("\n".join(line for line, _ in sheet.lines(200)))
    assert "copies" not in texts[0]
    for shown in ("copies %", "77.7 / 55.5", "61.", "5th percentile over printed copies"):
        assert shown in texts[1]


def test_alphas_are_a_number_of_values_or_the_values():
    from printron.cli.lists import alpha_list, seed_list

    assert alpha_list("3") == (0.0, 0.5, 1.0)
    assert alpha_list("0,0.1,0.5") == (0.0, 0.1, 0.5)
    assert alpha_list("0.5") == (0.5,)
    assert alpha_list("1.0") == (1.0,)
    assert alpha_list("0,1") == alpha_list("2") == (0.0, 1.0)
    assert seed_list("1") == (0,)
    assert tuple(seed_list("3")) == (0, 1, 2)
    assert tuple(seed_list("0,7")) == (0, 7)


def test_a_sweep_is_counted_before_it_is_laid_out(monkeypatch):
    """No list of a billion seeds is made to find that there are too many."""
    from printron.cli import lists
    from printron.cli import training_run as command
    from printron.cli.goals import GoalListOptions
    from printron.cli.preset import preset_of
    from printron.training import Schedule

    usual = preset_of("published")
    monkeypatch.setattr(command, "MOST_RUNS", 6)
    assert command.planned(GoalListOptions("0,0.5,1"), "2", usual, Schedule()).runs == 6
    for alphas, seeds in (("7", "1"), ("3", "3"), ("0.5", "0,1,2,3,4,5,6"), ("2", "9" * 20)):
        monkeypatch.setattr(lists, "seed_list", None)
        with pytest.raises(PrintronError, match="at most 6 are allowed: give fewer"):
            command.planned(GoalListOptions(alphas), seeds, usual, Schedule())
