"""No command writes over a file of somebody else, whatever the file is called."""

import pytest
from made_up_circuit import write_made_circuit
from quick import PUBLISHED, QUICK

from printron.experiments import tasks
from printron.results import ProblemSpec, build_problem
from printron.results.circuit_folder import SIGNOFF, circuit_files

CIRCUIT = (*circuit_files(build_problem(ProblemSpec("iris"))), *SIGNOFF)
SWEEP = ("results.csv", "results.parquet", "parameters.npz", "front.json", "front.svg", "alpha.png")
CHOSEN = tuple(f"chosen/{name}" for name in CIRCUIT)
STORE = ("config.json", "surrogates/ptanh.npz", "surrogates/negation.json")
SMALL = ("--alphas", "0.0,1", "--seeds", "1", *QUICK)
# Command, and files that the command would write.
WRITERS = {
    "train": (("train", "iris", *PUBLISHED), CIRCUIT),
    "sweep": (("sweep", "iris", "--preset", "published", *SMALL), (*SWEEP, *STORE, *CHOSEN)),
    "demo": (("demo", "--epochs", "20"), SWEEP),
    "design": (("design", "iris"), ("network.cir", "components.csv", "design.json", "design.svg")),
    "experiment": (
        ("experiment", "published", "--setting", "clean", "--datasets", "iris", *SMALL),
        ("results.csv", "results.parquet", "parameters.npz", *STORE),
    ),
    "signoff": (("signoff", "CIRCUIT", "--no-spice"), (*SIGNOFF, "network.cir")),
    "predict": (("predict", "CIRCUIT", "new.csv"), ("predictions.csv",)),
    "export": (("export", "CIRCUIT"), ("components.csv", "network.cir", "network.json")),
    "characterize": (("characterize", "ptanh", "--samples", "16"), ("ptanh.parquet", "ptanh.json")),
    "surrogates": (("surrogates", "ptanh", "--samples", "16"), ("ptanh.npz", "ptanh.json")),
    "datasets": (("datasets",), ("datasets.json",)),
    "doctor": (("doctor",), ("doctor.json",)),
    "show": (("experiment", "show", "clean"), ("experiment.toml",)),
}
CASES = [(command, name) for command, (_, names) in WRITERS.items() for name in names]
MINE = {
    ".json": b'{"board": "the one that printron designs", "version": 1}',
    ".cir": b"* my testbench around the netlist of printron\n",
    ".csv": b"my,own,data\n1,2,printron\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    write_made_circuit(build_problem(ProblemSpec("iris")), folder / "c")
    return folder / "c"


@pytest.fixture
def words_of(made, tmp_path, monkeypatch):
    """The words of a command, in which nothing is trained or characterized."""
    monkeypatch.setattr(tasks, "run_batch", None)
    monkeypatch.setattr("printron.characterization.characterize", None)

    def words(command):
        given = WRITERS[command][0]
        (tmp_path / "work" / "new.csv").write_text("x\n1\n")
        return [str(made) if word == "CIRCUIT" else word for word in given]

    return words


@pytest.mark.parametrize(("command", "name"), CASES)
def test_a_file_of_somebody_else_stays(run, words_of, tmp_path, command, name):
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    content = MINE.get(path.suffix, b"mine, and printron is a word in it")
    path.write_bytes(content)
    code, _, err = run(*words_of(command), "--out", tmp_path / "out")
    assert path.read_bytes() == content
    assert code == 2, err
    assert name.rpartition("/")[2] in err.splitlines()[-1]


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_an_empty_name_of_a_folder_is_refused(run, command):
    code, _, err = run(command, "iris", *PUBLISHED, "--out", "")
    assert code == 2
    assert "empty name of a folder" in err
