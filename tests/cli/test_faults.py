"""What goes wrong: one sentence, exit code 2, and nothing written."""

import json
import os

import pytest

from printron.errors import PrintronError
from printron.experiments import tasks

MISTAKES = {
    "unknown data set": (("train", "irs"), "did you mean 'iris'"),
    "alpha above 1": (("train", "iris", "--alpha", "1.5"), "[0, 1]"),
    "alpha below 0": (("train", "iris", "--alpha", "-0.5"), "[0, 1]"),
    "alpha is no number": (("train", "iris", "--alpha", "x"), "--alpha"),
    "alphas outside": (("sweep", "iris", "--alphas", "0,2"), "[0, 1]"),
    "no alphas": (("sweep", "iris", "--alphas", "0"), "write 0.0 for alpha = 0"),
    "one alpha, or alpha 1": (("sweep", "iris", "--alphas", "1"), "write 1.0 for alpha = 1"),
    "no budget": (("train", "iris", "--budget", "0uW"), "a budget of 0 W; give a power above 0"),
    "a bare 0": (("train", "iris", "--budget", "0"), "--budget: got '0'"),
    "negative budget": (("sweep", "iris", "--budgets", "1mW,-1uW"), "give a power above 0"),
    "a budget in volts": (("train", "iris", "--budget", "100 mV"), "with the unit W"),
    "budgets and alphas": (
        ("sweep", "iris", "--alphas", "3", "--budgets", "1mW"),
        "got --alphas 3 and --budgets 1mW; a run either weighs its power or has a budget",
    ),
    "budget and alpha": (
        ("train", "iris", "--alpha", "0.5", "--budget", "1mW"),
        "leave one of the two out",
    ),
    "too many budgets": (("sweep", "iris", "--budgets", "1mW,2mW", "--seeds", "70000"), "at most"),
    "a budget twice": (
        ("sweep", "iris", "--budgets", "1mW,1000uW"),
        "got the goal budget_W = 0.001 twice",
    ),
    "too many alphas": (("sweep", "iris", "--alphas", "999999999"), "at most 100000"),
    "too many seeds": (("sweep", "iris", "--seeds", "99999999999"), "at most 100000"),
    "more than a number": (("sweep", "iris", "--seeds", "9" * 5000), "digits"),
    "one of many digits": (("sweep", "iris", "--seeds", "0," + "9" * 5000), "digits"),
    "too large a seed": (("sweep", "iris", "--seeds", "0,99999999999"), "4294967295"),
    "alphas are no numbers": (("sweep", "iris", "--alphas", "a"), "--alphas"),
    "no seeds": (("sweep", "iris", "--seeds", "0"), "1 is the seed 0 alone"),
    "seeds are no numbers": (("sweep", "iris", "--seeds", "-3"), "--seeds"),
    "unknown cell": (("train", "iris", "--activation", "relu"), "allowed are clipped_relu"),
    "a cell for no network": (
        ("train", "iris", "--activation", "prelu"),
        "allowed are clipped_relu",
    ),
    "a cell of no process": (("train", "iris", "--process", "only_a.toml"), "no transistor 'B'"),
    "unknown protocol": (("train", "iris", "--protocol", "x"), "clean, published"),
    "hidden layers": (("train", "iris", "--hidden", "3,x"), "--hidden"),
    "too large a layer": (("train", "iris", "--hidden", "3,99999999999"), "1 to 1000"),
    "too many epochs": (("train", "iris", "--epochs", "9" * 15), "--epochs"),
    "too many starts": (("train", "iris", "--starts", "9" * 12), "--starts"),
    "too many samples": (("characterize", "ptanh", "--samples", "9" * 12), "--samples"),
    "no epochs": (("train", "iris", "--epochs", "0"), "--epochs"),
    "learning rate": (("train", "iris", "--learning-rate", "-1"), "learning_rate"),
    "no process file": (("train", "iris", "--process", "no.toml"), "no.toml"),
    "bad process file": (("train", "iris", "--process", "bad.toml"), "R_min"),
    "bad cell file": (("train", "iris", "--cells", "bad.toml"), "bad.toml"),
    "no surrogates": (("train", "iris", "--surrogates", "none"), "'none'"),
    "no such table": (("train", "none.csv"), "none.csv"),
    "truncated table": (("train", "cut.csv"), "line 3"),
    "truncated raw file": (("train", "seeds", "--data-dir", "raw"), "not the published file"),
    "unknown engine": (("characterize", "ptanh", "--engine", "hspice"), "jax, ngspice"),
    "characterize what": (("characterize", "nand"), "ptanh"),
    "too few for a surrogate": (("surrogates", "ptanh", "--samples", "10"), "at least 20"),
    "no samples": (("characterize", "ptanh", "--samples", "0"), "--samples"),
    "a data set without a name": (
        ("experiment", "published", "--datasets", "iris,"),
        "--datasets 'iris,'",
    ),
    "unknown option": (("train", "iris", "--colour", "red"), "--colour"),
    "unknown command": (("trian",), "train"),
    "sharing": (("train", "iris", "--sharing", "all"), "network, layer, neuron"),
}


@pytest.fixture
def bad_files(tmp_path):
    """Files that cannot be used, in the working folder."""
    from printron.technology.process import shipped

    work = tmp_path / "work"
    process = shipped("inkjet_egt.toml").read_text()
    (work / "bad.toml").write_text(process.replace('R_min = "10 kohm"', 'R_min = "10 Gohm"'))
    (work / "only_a.toml").write_text(process[: process.index("[transistors.B]")])
    (work / "cut.csv").write_text("x,y,kind\n1,2,a\n3,")
    (work / "raw").mkdir()
    (work / "raw" / "seeds_dataset.txt").write_text("15.26\t14.84")


@pytest.mark.usefixtures("bad_files")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_exit_code_2_and_writes_nothing(run, tmp_path, mistake):
    words, told = MISTAKES[mistake]
    out = tmp_path / "out"
    code, stdout, err = run(*words, "--out", out)
    assert code == 2
    assert stdout == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert told in err
    assert not out.exists()


def test_with_json_a_mistake_is_an_object_too(run):
    code, out, err = run("train", "irs", "--json")
    assert code == 2
    assert f"error: {json.loads(out)['error']}\n" == err


@pytest.mark.parametrize(
    "words", [("train", "iris"), ("sweep", "iris"), ("demo",), ("characterize", "ptanh")]
)
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(
    run, tmp_path, monkeypatch, words
):
    monkeypatch.setattr(tasks, "run_batch", None)
    (tmp_path / "file").write_text("")
    code, _, err = run(*words, "--out", tmp_path / "file" / "out")
    assert code == 2
    assert "cannot write to" in err
    assert "--out" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(run, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    code, _, err = run("train", "iris", "--out", tmp_path / "closed" / "out")
    assert code == 2
    assert "cannot write to" in err


@pytest.fixture
def failing(monkeypatch):
    """Let training fail with an error."""

    def fail_with(error):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr(tasks, "run_batch", fail)

    return fail_with


@pytest.mark.parametrize("error", [TypeError("a fault"), ValueError("a library's\nfault")])
def test_a_fault_of_the_program_is_not_hidden(run, failing, error):
    """A ValueError of a library says nothing to a user, whatever it reads."""
    failing(error)
    code, out, err = run("train", "iris")
    assert (code, out) == (3, "")
    assert "Traceback" in err
    assert "in run_sweep" in err
    last = err.splitlines()[-1]
    assert last.startswith("error: this is a fault of printron")
    assert type(error).__name__ in last
    assert "report it" in last


def test_with_json_a_fault_is_an_object_too(run_json, failing):
    failing(ValueError("a fault"))
    code, record = run_json("train", "iris")
    assert code == 3
    assert "fault of printron" in record["error"]


def test_an_error_that_a_person_can_mend_is_a_sentence(run, failing):
    failing(PrintronError("got this;\ngive that"))
    code, _, err = run("train", "iris")
    assert code == 2
    assert err.splitlines()[-1] == "error: got this; give that"
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [PrintronError, ValueError])
def test_errors_are_raised_where_a_traceback_is_wanted(run, failing, monkeypatch, error):
    monkeypatch.setenv("PRINTRON_TRACEBACK", "1")
    failing(error("got this"))
    with pytest.raises(error, match="got this"):
        run("train", "iris")
