"""The command line: what it prints, what it writes, what it says when something is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from printron.cli import main
from printron.experiments import Plan, sweep
from printron.training import TRAINED

QUICK = ("--epochs", "20")  # the schedule of the other tests too: compiled once


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch, tmp_path, tmp_path_factory):
    """Nothing of the user's is read or written; a wide terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache = tmp_path_factory.getbasetemp() / "compiled"
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(cache))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("PRINTRON_DATA_DIR", raising=False)
    monkeypatch.delenv("PRINTRON_TRACEBACK", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def run(capsys):
    """Run a command; gives exit code, standard output, standard error."""

    def call(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def run_json(run):
    """Run a command with --json; gives exit code and the one object."""

    def call(*words):
        code, out, _ = run(*words, "--json")
        assert out.count("\n") == 1
        return code, json.loads(out)

    return call


# ------------------------------------------------------------------------- help, version


def test_help_imports_nothing_heavy():
    heavy = ("jax", "pandas", "sklearn", "matplotlib", "pint", "scipy", "pyarrow", "pydantic")
    code = f"import sys, printron.cli; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert found.strip() == "[]"


def test_help_names_every_command(run):
    for words in (("--help",), ()):
        code, out, _ = run(*words)
        assert code == 0
        commands = "train sweep demo characterize surrogates datasets doctor"
        assert all(command in out for command in commands.split())


@pytest.mark.parametrize(
    "command", ["train", "sweep", "demo", "characterize", "surrogates", "datasets", "doctor"]
)
def test_every_command_takes_json_and_out(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--out" in out


def test_version(run):
    from printron import __version__

    assert run("--version")[:2] == (0, f"printron {__version__}\n")


# ------------------------------------------------------------------------- train


def test_train_prints_one_json_object_with_the_promised_keys(run_json, tmp_path):
    out = tmp_path / "one"
    words = ("train", "iris", "--alpha", 0.5, "--seed", 0, *QUICK, "--out", out)
    code, record = run_json(*words)
    assert code == 0
    assert record["dataset"] == "iris"
    assert record["protocol"] == "clean"
    assert (record["alpha"], record["seed"]) == (0.5, 0)
    assert record["status"] == TRAINED
    assert set(record["accuracy"]) == {"train", "valid", "test"}
    assert set(record["power_W"]) == {"crossbar", "activation", "negation", "total"}
    assert set(record["counts"]) == {"resistors", "activations", "negations"}
    assert record["majority"] == pytest.approx(1 / 3)
    causes = [record["power_W"][c] for c in ("crossbar", "activation", "negation")]
    assert record["power_W"]["total"] == pytest.approx(sum(causes))
    assert {path.name for path in out.iterdir()} == {
        "circuit.json",
        "components.csv",
        "parameters.npz",
    }
    assert json.loads((out / "circuit.json").read_text()) == record
    components = pd.read_csv(out / "components.csv")
    crossbar = components[components["circuit"] == "crossbar"]
    assert len(crossbar) == record["counts"]["resistors"]
    assert "petal_length" in set(crossbar["input"])
    code, again = run_json(*words)
    assert again["power_W"] == record["power_W"]


def test_train_shows_accuracy_power_and_baseline(run):
    code, out, _ = run("train", "iris", *QUICK)
    assert code == 0
    for words in ("test accuracy", "majority class", "crossbar", "negation", "W"):
        assert words in out


@pytest.mark.slow
def test_a_diverged_run_is_exit_code_1_and_says_so(run_json, tmp_path):
    out = tmp_path / "out"
    code, record = run_json("train", "iris", *QUICK, "--learning-rate", 1e38, "--out", out)
    assert code == 1
    assert record["status"] == "diverged"
    assert record["accuracy"]["test"] is None
    assert [path.name for path in out.iterdir()] == ["circuit.json"]


# ------------------------------------------------------------------------- sweep


def test_sweep_writes_its_results_and_resumes(run, run_json, tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    words = ("sweep", "iris", "--alphas", "0,0.5", "--seeds", 2, *QUICK, "--out", out)
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

    monkeypatch.setattr(sweep, "run_batch", None)  # would fail if anything were trained
    code, text, _ = run(*words)
    assert code == 0
    assert "selected by validation rows" in text.replace("\n", " ")
    code, _, err = run(*words[:2], "--alphas", "0,1", *words[4:])
    assert code == 2
    assert "another sweep" in err


def test_alphas_are_a_number_of_values_or_the_values():
    from printron.cli.sweep import alpha_list, seed_list

    assert alpha_list("3") == (0.0, 0.5, 1.0)
    assert alpha_list("0,0.1,0.5") == (0.0, 0.1, 0.5)
    assert alpha_list("0.5") == (0.5,)
    assert tuple(seed_list("3")) == (0, 1, 2)
    assert tuple(seed_list("0,7")) == (0, 7)


def test_the_demo_shows_front_circuit_and_figures(run, tmp_path, monkeypatch):
    from printron.cli import demo

    monkeypatch.setattr(demo, "ALPHAS", 2)
    monkeypatch.setattr(demo, "SEEDS", 2)
    code, out, err = run("demo", *QUICK)
    assert code == 0, err
    for words in ("majority", "chosen", "petal_width", "R_shift", "crossbar"):
        assert words in out
    names = {path.name for path in (tmp_path / "work" / "demo").iterdir()}
    assert {"alpha.png", "alpha.svg", "front.png", "front.svg", "results.csv", "chosen"} <= names


# ------------------------------------------------------------------------- cells


def test_characterize_gives_power_and_fit(run_json, tmp_path):
    code, record = run_json("characterize", "clipped_relu", "--samples", 20, "--out", tmp_path)
    assert code == 0
    assert record["engine"] == "jax"
    assert record["samples"] == 20
    assert record["not_converged"] == 0
    assert len(pd.read_parquet(tmp_path / "clipped_relu.parquet")) == 20


@pytest.mark.needs_ngspice
def test_characterize_with_ngspice(run):
    code, out, err = run("characterize", "clipped_relu", "--engine", "ngspice", "--samples", 4)
    assert code == 0, err
    assert "ngspice" in out


@pytest.mark.slow
def test_surrogates_of_ones_own_are_built_and_used(run_json, tmp_path):
    out = tmp_path / "surrogates"
    code, record = run_json("surrogates", "clipped_relu", "--samples", 60, "--out", out)
    assert code == 0
    assert record["surrogates"][0]["cell"] == "clipped_relu"
    assert {path.name for path in out.iterdir()} == {"clipped_relu.npz", "clipped_relu.json"}
    words = ("--activation", "clipped_relu", "--surrogates", out, *QUICK)
    code, record = run_json("train", "iris", *words)
    assert code == 0
    assert record["cells"]["activation"] == "clipped_relu"


# ------------------------------------------------------------------------- datasets, doctor


def test_datasets_lists_all_benchmarks_without_their_files(run_json):
    code, record = run_json("datasets")
    assert code == 0
    rows = {row["name"]: row for row in record["datasets"]}
    assert len(rows) == 13
    assert (rows["iris"]["rows"], rows["iris"]["features"], rows["iris"]["classes"]) == (150, 4, 3)
    assert rows["iris"]["source"] == "scikit-learn"
    assert rows["seeds"]["files"][0]["url"].startswith("https://")


def test_listed_rows_are_those_of_the_data():
    from printron.cli.datasets import ROWS
    from printron.datasets import describe

    shared = os.environ.get("PRINTRON_SHARED", Path(__file__).resolve().parents[2] / "shared")
    raw = Path(shared) / "datasets" / "raw"
    for name, rows in ROWS.items():
        files = describe(name).files
        if raw.is_dir() or not files:
            paths = tuple(raw / file.name for file in files)
            assert len(describe(name).parse(paths)[1]) == rows, name


def test_doctor_finds_what_is_there(run, run_json, tmp_path):
    code, record = run_json("doctor", "--out", tmp_path)
    assert code == 0
    assert record["healthy"]
    found = {it["what"]: it for it in record["findings"]}
    assert {"Python", "jax", "surrogates", "ngspice", "data sets", "JAX computes on"} <= set(found)
    assert "iris" in found["data sets"]["detail"]
    assert json.loads((tmp_path / "doctor.json").read_text()) == record


def test_doctor_says_what_works_without_ngspice(run, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "/nowhere/ngspice")
    code, out, _ = run("doctor")
    assert code == 0
    assert "missing" in out
    assert "work without it" in out


KEEP = "from printron.cli.compiled import keep_compiled_programs as keep; print(keep())"


def test_compiled_programs_are_kept_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
    code = f"{KEEP}; import jax; jax.jit(lambda x: x + 1)(1.0)"
    command = [sys.executable, "-W", "error", "-c", code]
    kept = subprocess.run(command, check=True, capture_output=True, text=True)
    assert kept.stderr == ""
    assert list(Path(kept.stdout.strip()).iterdir())
    assert Path(kept.stdout.strip()).is_relative_to(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (kept.stdout, kept.stderr) == ("None\n", "")


# ------------------------------------------------------------------------- what goes wrong

MISTAKES = {
    "unknown data set": (("train", "irs"), "did you mean 'iris'"),
    "alpha above 1": (("train", "iris", "--alpha", "1.5"), "[0, 1]"),
    "alpha below 0": (("train", "iris", "--alpha", "-0.5"), "[0, 1]"),
    "alpha is no number": (("train", "iris", "--alpha", "x"), "--alpha"),
    "alphas outside": (("sweep", "iris", "--alphas", "0,2"), "[0, 1]"),
    "no alphas": (("sweep", "iris", "--alphas", "0"), "above 0"),
    "alphas are no numbers": (("sweep", "iris", "--alphas", "a"), "--alphas"),
    "no seeds": (("sweep", "iris", "--seeds", "0"), "seeds"),
    "seeds are no numbers": (("sweep", "iris", "--seeds", "-3"), "--seeds"),
    "unknown cell": (("train", "iris", "--activation", "relu"), "allowed are clipped_relu"),
    "unknown protocol": (("train", "iris", "--protocol", "x"), "clean, published"),
    "hidden layers": (("train", "iris", "--hidden", "3,x"), "--hidden"),
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
    "no samples": (("characterize", "ptanh", "--samples", "0"), "--samples"),
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
    monkeypatch.setattr(sweep, "run_batch", None)
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


def test_surrogates_need_a_folder(run):
    code, _, err = run("surrogates", "ptanh")
    assert code == 2
    assert "--out" in err


def test_ngspice_missing_is_a_sentence(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PRINTRON_NGSPICE", "/nowhere/ngspice")
    out = tmp_path / "out"
    code, _, err = run("characterize", "ptanh", "--engine", "ngspice", "--out", out)
    assert code == 2
    assert "install ngspice" in err
    assert not out.exists()


def test_a_fault_of_the_program_is_not_hidden(run, monkeypatch):
    def fail(*args, **kwargs):
        raise TypeError("a fault")

    monkeypatch.setattr(sweep, "run_batch", fail)
    with pytest.raises(TypeError, match="a fault"):
        run("train", "iris")


# ------------------------------------------------------------------------- Ctrl-C


def test_ctrl_c_is_a_sentence(run, monkeypatch, tmp_path):
    from printron import characterization

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(characterization, "characterize", interrupt)
    out = tmp_path / "out"
    words = ("characterize", "ptanh", "--engine", "ngspice", "--out", out, "--json")
    code, stdout, err = run(*words)
    assert code == 130
    assert "was not written" in json.loads(stdout)["error"]
    assert err.splitlines()[-1].startswith("error: stopped")
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 2, 4, 6, 10])
def test_ctrl_c_ends_a_sweep_at_any_moment_and_tells_how_to_go_on(tmp_path, seconds):
    out = tmp_path / "sweep"
    words = ["sweep", "iris", "--epochs", "1000000", "--json", "--out", str(out)]
    child = subprocess.Popen(
        [sys.executable, "-m", "printron.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (out / "config.json").exists():
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.1)
    time.sleep(seconds)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=120)
    assert child.returncode == 130
    assert "same command again" in json.loads(stdout)["error"]
    assert "Traceback" not in stderr
    assert {path.name for path in out.iterdir()} == {"config.json", "parts"}


def test_total_of_progress_counts_all_starts():
    from printron.training import Schedule

    schedule = Schedule(epochs=40, starts=3)
    done = schedule.checks * schedule.check_every * 3 * 4
    assert Plan((0.0, 1.0), (0, 1), schedule).epochs == done
