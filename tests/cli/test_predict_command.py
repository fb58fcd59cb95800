"""`printron predict`: readings in, volts, outputs, class and margin out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_circuit import write_made_circuit

from printron.results import HASH, ProblemSpec, build_problem, read_circuit
from printron.signoff import predict
from printron.signoff.readings import loaded_reading

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


@pytest.fixture(scope="module")
def problem():
    return build_problem(ProblemSpec("iris", hidden=(2,)))


@pytest.fixture
def circuit(problem, tmp_path):
    write_made_circuit(problem, tmp_path / "c", seed=3)
    return tmp_path / "c"


def table(tmp_path, rows, columns=FEATURES):
    path = tmp_path / "new.csv"
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return path


def test_test_rows_fed_as_readings_are_answered_as_the_sign_off_saw_them(problem, circuit):
    """The scaling in the folder is the one of training."""
    made = read_circuit(circuit)
    volts, _ = problem.rows["test"]
    low, high = made.scaling
    found = predict(made, low + volts.T * (high - low))
    np.testing.assert_allclose(found[[f"in{k + 1}_V" for k in range(4)]].T, volts, atol=1e-6)
    from printron.network import printed_network

    printed = printed_network(made.structure, made.parameters)
    same = loaded_reading(made.structure, made.parameters, printed, np.asarray(volts, float))
    outputs = found[["out1_V", "out2_V", "out3_V"]].to_numpy().T
    np.testing.assert_allclose(outputs, same.outputs, atol=1e-5)
    winner = np.array(made.record["classes"])[outputs.argmax(0)]
    assert (found["class"] == winner).all()
    ranked = np.sort(outputs, 0)
    np.testing.assert_allclose(found["margin_V"], ranked[-1] - ranked[-2])


def test_columns_are_found_by_name_and_readings_outside_are_counted(run_json, circuit, tmp_path):
    rows = [[1.4, "x", 0.2, 3.5, 5.1, "setosa"], [6.0, "y", 2.5, 3.3, 99.0, "virginica"]]
    columns = ("petal_length", "note", "petal_width", "sepal_width", "sepal_length", "kind")
    path = table(tmp_path, rows, columns)
    code, record = run_json("predict", circuit, path, "--label", "kind", "--out", tmp_path / "p")
    assert code == 0
    assert record["samples"] == 2
    assert record["clipped_rows"] == 1
    assert [row["clipped"] for row in record["rows"]] == [0, 1]
    assert record["rows"][1]["in1_V"] == 1.0
    assert record["accuracy"] in (0.0, 0.5, 1.0)
    written = pd.read_csv(tmp_path / "p" / "predictions.csv")
    assert written["class"].tolist() == [row["class"] for row in record["rows"]]
    assert set(written[HASH]) == {record[HASH]}


def test_rows_without_a_label_do_not_count_for_the_accuracy(run, run_json, circuit, tmp_path):
    rows = [[5.1, 3.5, 1.4, 0.2, 7, ""], [7.0, 3.2, 4.7, 1.4, 7, ""]]
    columns = (*FEATURES, "2024", "kind")
    code, record = run_json("predict", circuit, table(tmp_path, rows, columns), "--label", "kind")
    assert (code, record["accuracy"], record["without_label"]) == (0, None, 2)
    rows[0][-1], rows[1][-1] = record["rows"][0]["class"], ""
    words = ("predict", circuit, table(tmp_path, rows, columns), "--label", "kind")
    code, record = run_json(*words)
    assert (code, record["accuracy"], record["without_label"]) == (0, 1.0, 1)
    said = run(*words)[1]
    assert "accuracy 100.0 % of 1 row\n" in said
    assert "rows without a label, not counted: 1" in said


def test_numbers_as_labels_are_found_among_the_classes_of_the_circuit(
    run, run_json, problem, tmp_path
):
    numbered = replace(problem.dataset, class_names=("1", "2", "3"))
    circuit = tmp_path / "numbered"
    write_made_circuit(replace(problem, dataset=numbered), circuit, seed=3)
    row = [5.1, 3.5, 1.4, 0.2]
    answer = run_json("predict", circuit, table(tmp_path, [row]))[1]["rows"][0]["class"]
    rows = [[*row, f"{answer}.0"], [*row, "unknown"]]
    words = ("predict", circuit, table(tmp_path, rows, (*FEATURES, "kind")), "--label", "kind")
    assert run_json(*words)[1]["accuracy"] == 0.5
    assert "does not know the class unknown" in run(*words)[1]


@pytest.mark.needs_ngspice
def test_ngspice_answers_the_same(run_json, circuit, tmp_path):
    path = table(tmp_path, [[5.1, 3.5, 1.4, 0.2], [7.0, 3.2, 4.7, 1.4]])
    answers = [
        run_json("predict", circuit, path, "--engine", engine)[1]["rows"]
        for engine in ("loaded", "ngspice")
    ]
    for mine, other in zip(*answers, strict=True):
        assert mine["class"] == other["class"]
        for name in ("out1_V", "out2_V", "out3_V", "margin_V"):
            assert mine[name] == pytest.approx(other[name], abs=1e-5)


def test_a_table_for_a_person(run, circuit, tmp_path):
    rows = [[5.1, 3.5, 1.4, 0.2]] * 25
    code, out, _ = run("predict", circuit, table(tmp_path, rows), "--label", "kind")
    assert code == 0
    assert "margin mV" in out
    assert "5 more rows" in out
    assert "no column 'kind'" in out


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ([[1, 2, 3]], FEATURES[:3], "no column 'petal_width'"),
        ([[1, 2, 3, "x"]], FEATURES, "line 2, column 'petal_width': got 'x'"),
        ([[1, 2, 3, None]], FEATURES, "missing"),
        ([], FEATURES, "no row"),
    ],
)
def test_readings_that_cannot_be_fed_are_one_sentence(run, circuit, tmp_path, rows, columns, words):
    code, _, err = run("predict", circuit, table(tmp_path, rows, columns))
    assert (code, err.count("\n")) == (2, 1)
    assert words in err


def test_an_unknown_engine_is_one_sentence(run, circuit, tmp_path):
    path = table(tmp_path, [[1, 2, 3, 4]])
    code, _, err = run("predict", circuit, path, "--engine", "hspice")
    assert code == 2
    assert "loaded, ngspice" in err
