"""`printron signoff`: a circuit is simulated whole."""

import json

import pytest
from quick import PUBLISHED, PUBLISHED_LOADED

from printron.circuits.netlist import read_spice
from printron.results import HASH, circuit_named_in

TABLE = "x,y,kind\n" + "".join(f"{k % 7},{(3 * k) % 11},{'ab'[(k % 7) > 3]}\n" for k in range(60))


@pytest.fixture
def circuit(run, tmp_path):
    """A circuit that was trained on a table of one's own, in the working folder."""
    (tmp_path / "work" / "own.csv").write_text(TABLE)
    code, _, err = run("train", "own.csv", "--alpha", "0", *PUBLISHED, "--out", tmp_path / "c")
    assert code == 0, err
    return tmp_path / "c"


@pytest.mark.needs_ngspice
def test_it_tells_model_loaded_and_spice_and_writes_all_files(run_json, circuit):
    code, record = run_json("signoff", circuit)
    assert code in (0, 1)
    assert code == (0 if record["claim"]["kept"] else 1)
    assert bool(record["advice"]) == bool(code)
    assert {"ideal", "loaded", "spice"} <= set(record)
    assert record["engines_agree"] is True
    assert record["spice"]["accuracy"] == record["loaded"]["accuracy"]
    names = {path.name for path in circuit.iterdir()}
    assert {"network.cir", "signoff.json", "signoff.png", "signoff.svg"} <= names
    assert json.loads((circuit / "signoff.json").read_text())["spice"] == record["spice"]
    netlist = read_spice((circuit / "network.cir").read_text())
    assert netlist.counts["egts"] >= 2


@pytest.mark.needs_ngspice
def test_a_circuit_must_settle_in_the_time_that_is_given(run, run_json, circuit):
    _, record = run_json("signoff", circuit)
    settle_s = record["settle_s"]
    assert settle_s > 1e-5
    assert record["energy_J"] == pytest.approx(settle_s * record["spice"]["power_W"]["total"])
    assert json.loads((circuit / "signoff.json").read_text())["settle_s"] == settle_s
    _, record = run_json("signoff", circuit, "--settle", f"{1100 * settle_s} ms")
    assert record["settling"]["kept"] is True
    code, out, _ = run("signoff", circuit, "--settle", f"{0.9 * settle_s}s")
    assert code == 1
    words = " ".join(out.split())
    assert "not within" in words[words.index("NOT signed off") :]
    assert "1 µF/cm² (literature, 1 to 10 uF/cm2; not calibrated)" in words


@pytest.mark.slow
@pytest.mark.needs_ngspice
def test_a_circuit_trained_against_its_loading_does_what_it_claims(run_json, tmp_path):
    """The default of train."""
    words = ("train", "iris", "--alpha", 0, *PUBLISHED_LOADED)
    code, trained = run_json(*words, "--out", tmp_path / "c")
    assert code == 0
    assert trained["schedule"]["sources"] == "loaded"
    code, record = run_json("signoff", tmp_path / "c")
    assert code == 0
    assert record["claim"]["model"] == "loaded"
    assert record["claim"]["power_ratio"] == pytest.approx(1, abs=1e-3)
    assert record["spice"]["accuracy"] == pytest.approx(trained["accuracy"]["test"])
    # The same model asked once more is no witness.
    code, record = run_json("signoff", tmp_path / "c", "--no-spice")
    assert code == 1
    assert not record["claim"]["independent"]


def test_without_ngspice_it_says_so(run, circuit, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    code, out, _ = run("signoff", circuit)
    assert code in (0, 1)
    assert code == 0 or out.index("NOT signed off") < out.index("--sources loaded")
    assert "without SPICE" in out
    assert "no-such-program" in out


MISTAKES = {
    "a time for nothing": (
        lambda folder: folder,
        ("--no-spice", "--timeout", "9"),
        "starts no ngspice",
    ),
    "no time": (lambda folder: folder, ("--settle", "5 V"), "--settle: got '5 V'"),
    "no unit": (lambda folder: folder, ("--settle", "100"), 'such as "1 s"'),
    "a time below 0": (lambda folder: folder, ("--settle=-1 ms",), "give a time above 0 s"),
    "a time without SPICE": (
        lambda folder: folder,
        ("--no-spice", "--settle", "1s"),
        "ngspice measures the time",
    ),
    "no folder": (lambda folder: folder / "nowhere", (), "holds no circuit"),
    "rows": (lambda folder: folder, ("--rows", "all"), "test, valid, train"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(run, circuit, mistake):
    where, options, told = MISTAKES[mistake]
    code, _, err = run("signoff", where(circuit), *options)
    assert (code, err.count("\n")) == (2, 1)
    assert told in err


def test_a_folder_that_was_moved_is_signed_off_without_its_table(run_json, circuit, tmp_path):
    table = tmp_path / "work" / "own.csv"
    table.rename(tmp_path / "elsewhere.csv")
    circuit.rename(tmp_path / "moved")
    code, record = run_json("signoff", tmp_path / "moved", "--no-spice")
    assert record["samples"] == 12
    code, record = run_json("signoff", tmp_path / "moved", "--no-spice", "--rows", "valid")
    assert code == 2
    assert "--table" in record["error"]
    words = ("--rows", "valid", "--table", tmp_path / "elsewhere.csv")
    code, record = run_json("signoff", f"file://{tmp_path}/moved", "--no-spice", *words)
    assert record["rows"] == "valid"


def test_a_table_that_has_changed_is_refused(run, circuit, tmp_path):
    (tmp_path / "work" / "own.csv").write_text(TABLE.replace("6,", "5,"))
    code, _, err = run("signoff", circuit, "--rows", "train")
    assert code == 2
    assert "differ from those that the circuit" in err


def test_all_that_a_sign_off_writes_names_the_circuit(run, circuit):
    mine = json.loads((circuit / "circuit.json").read_text())[HASH]
    run("signoff", circuit, "--no-spice")
    for name in ("signoff.json", "signoff.png", "signoff.svg", "network.cir"):
        assert circuit_named_in(name, (circuit / name).read_bytes()) == mine
    code, _, err = run("train", "own.csv", "--alpha", "0.9", *PUBLISHED, "--out", circuit)
    assert code == 0, err
    assert not list(circuit.glob("signoff.*"))


def test_a_damaged_circuit_is_refused(run, circuit):
    (circuit / "parameters.npz").write_bytes(b"PK")
    code, _, err = run("signoff", circuit)
    assert code == 2
    assert "train the circuit again" in err
