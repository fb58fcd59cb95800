"""`printron experiment report`."""

import json

import numpy as np
import pytest
import typer
from made_up_experiment import diverged, made_up_config, made_up_experiment, published_table

from printron.cli import experiment_report
from printron.errors import PrintronError
from printron.network import Parameters
from printron.results import Runs
from printron.results.store import store_for


@pytest.fixture
def folder(tmp_path):
    table = made_up_experiment()
    table.loc[len(table)] = diverged({**table.iloc[0].to_dict(), "seed": 9})
    parts = dict(list(table.groupby("dataset")))
    config = made_up_config(parts, (0, 1, 2, 9))
    with store_for(tmp_path / "runs", config) as store:
        for name, rows in parts.items():
            nothing = (np.zeros((len(rows), 1, 1)),)
            store.write(f"{name}-00000", Runs(rows, Parameters(nothing, nothing, nothing)))
    return tmp_path / "runs"


@pytest.fixture
def report(capsys):
    """The command in an app of its own; gives exit code and standard output."""
    app = typer.Typer()
    app.command("report")(experiment_report.command)

    def call(*words):
        code = app([str(word) for word in words], standalone_mode=False)
        return code, capsys.readouterr().out

    return call


def test_report_is_written_into_the_folder_and_shown(folder, report, monkeypatch):
    monkeypatch.delenv("PRINTRON_SHARED", raising=False)
    code, text = report(folder)
    assert code == 0
    assert "95 %" in text
    assert "published" not in text  # one of the data sets is no benchmark
    assert "slides" not in text
    assert "1 of 37 runs left out" in text
    page = (folder / "report" / "report.md").read_text("utf-8")
    assert "epochs" in page
    assert "core" in page


def test_published_runs_are_asked_for_where_all_data_sets_are_benchmarks(
    tmp_path, report, monkeypatch
):
    monkeypatch.delenv("PRINTRON_SHARED", raising=False)
    with store_for(tmp_path / "runs", made_up_config(["iris"])) as store:
        nothing = (np.zeros((12, 1, 1)),)
        rows = made_up_experiment(("iris",))
        store.write("iris-00000", Runs(rows, Parameters(nothing, nothing, nothing)))
    code, text = report(tmp_path / "runs")
    assert code == 0
    assert "no published runs to compare with" in text
    assert "slides" in text


def test_published_runs_are_not_looked_for_beside_tables_of_ones_own(tmp_path, report, monkeypatch):
    monkeypatch.delenv("PRINTRON_SHARED", raising=False)
    published_table().to_csv(tmp_path / "published_alpha_sweep.csv", index=False)
    with store_for(tmp_path / "runs", made_up_config(["mine"])) as store:
        nothing = (np.zeros((12, 1, 1)),)
        rows = made_up_experiment(("mine",))
        store.write("mine-00000", Runs(rows, Parameters(nothing, nothing, nothing)))
    code, text = report(tmp_path / "runs", "--json")
    assert code == 0
    assert json.loads(text)["reference"] is None
    assert "slides" not in text


def test_json_is_one_object_and_the_reference_is_found_beside(folder, report, tmp_path):
    published_table().to_csv(tmp_path / "published_alpha_sweep.csv", index=False)
    out = tmp_path / "out"
    code, text = report(folder, "--out", out, "--json")
    record = json.loads(text)
    assert code == 0
    assert record["runs"] == 37
    assert record["left_out"][0]["seed"] == 9
    assert record["comparison"][0]["dataset"] == "iris"
    assert [row["accuracy"] for row in record["pareto"]] == [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7]
    assert sorted(record["files"]) == sorted(map(str, out.iterdir()))
    assert not (folder / "report").exists()


def test_what_is_missing_or_damaged_is_said_in_a_sentence(folder, report, tmp_path):
    with pytest.raises(PrintronError, match=r"holds no experiment \(no config\.json\)"):
        report(tmp_path / "nowhere")
    with pytest.raises(PrintronError, match=r"cannot read the published table .*nothing\.csv"):
        report(folder, "--reference", tmp_path / "nothing.csv")
    next((folder / "parts").glob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(PrintronError, match="is damaged"):
        report(folder)
    assert not (folder / "report").exists()


def test_a_folder_of_an_unknown_storage_is_one_sentence(report):
    with pytest.raises(PrintronError, match="got the place 'nowhere://bucket/runs'"):
        report("nowhere://bucket/runs")
