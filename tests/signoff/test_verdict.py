"""A sign-off tells what is, and does not hide what failed."""

import dataclasses

import numpy as np
import pytest
from hanging import hanging_ngspice, left_of
from made_up_network import made_parameters

from printron.characterization import surrogate_for
from printron.circuits import CONVERGED
from printron.circuits.ngspice import NgspiceTimeout
from printron.errors import PrintronError
from printron.network import build_structure
from printron.signoff import MODELS, Claim, Reading, Verdict, sign_off
from printron.signoff import verdict as verdict_module
from printron.technology import technology

LABELS = np.array([0, 1, 1, 0])


@pytest.fixture(scope="module")
def design():
    library = technology()
    cells = (surrogate_for(library, name) for name in ("ptanh", "negation"))
    activation, negation = cells
    return build_structure(library, (3, 2, 2), activation=activation, negation=negation)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.random((3, 25)), rng.integers(0, 2, 25)


@pytest.fixture(scope="module")
def verdict(design, rows):
    return sign_off(design, made_parameters(design, 2), rows, workers=2)


@pytest.mark.needs_ngspice
def test_ngspice_and_the_built_in_solver_agree(verdict):
    assert tuple(verdict.readings) == MODELS
    assert verdict.engines_agree
    assert verdict.cross_check_V < 1e-5
    assert max(verdict.layer_error("loaded")) < 1e-5
    assert verdict.layer_error("spice") == [0.0, 0.0, 0.0]
    loaded, spice = (verdict.readings[name].mean_power for name in ("loaded", "spice"))
    assert loaded == pytest.approx(spice, rel=1e-4)


@pytest.mark.needs_ngspice
def test_only_the_loaded_model_is_the_circuit(verdict):
    for name in ("ideal", "unloaded"):
        assert verdict.layer_error(name)[0] > 1e-4, name


def test_ideal_sources_burn_what_they_deliver(verdict):
    """The model's power has its causes; of circuits as ideal sources they are the heat."""
    assert set(verdict.readings["unloaded"].power) == {"crossbar", "activation", "negation"}


def test_a_circuit_without_power_is_signed_off(design, rows):
    """Two dividers from ground and bias: next to nothing, and no ratio of two nothings."""
    theta = tuple(np.zeros((n + 2, 2), np.float32) for n in (3, 2))
    theta[1][-1] = 1.0
    parameters = made_parameters(design, 2)._replace(theta=theta)
    record = sign_off(design, parameters, rows, spice=False).record()
    assert record["claim"]["power_ratio"] is None
    assert record["claim"]["kept"]


@pytest.mark.needs_ngspice
@pytest.mark.parametrize("default", [0, 1])
def test_outputs_tied_to_ground_say_the_default_class_in_every_model(design, rows, default):
    theta = tuple(np.zeros((n + 2, 2), np.float32) for n in (3, 2))
    for columns in theta:
        columns[-1] = 1.0
    parameters = made_parameters(design, 2)._replace(theta=theta)
    verdict = sign_off(design, parameters, rows, default=default, workers=1)
    share = np.mean(rows[1] == default)
    assert [verdict.record()[model]["accuracy"] for model in MODELS] == [share] * len(MODELS)
    assert verdict.claim()["kept"]


@pytest.mark.needs_ngspice
def test_a_hidden_column_without_a_resistor_is_ground(design, rows):
    parameters = made_parameters(design, 2)
    theta = tuple(np.array(t) for t in parameters.theta)
    theta[0][:, 1] = 0
    theta[1][1] = 0.8  # both outputs have a resistor to it
    verdict = sign_off(design, parameters._replace(theta=theta), rows, workers=1)
    assert verdict.engines_agree


@pytest.mark.needs_ngspice
def test_the_record_is_json_with_each_model(verdict):
    record = verdict.record()
    for name in MODELS:
        assert set(record[name]["power_W"]) >= {"total"}
        assert 0 <= record[name]["accuracy"] <= 1
        assert record[name]["not_converged"] == {}
    parts = record["spice"]["power_W"]
    assert parts["total"] == pytest.approx(sum(v for k, v in parts.items() if k != "total"))


def test_without_ngspice_the_built_in_solver_is_the_truth(design, rows, monkeypatch):
    monkeypatch.setenv("PRINTRON_NGSPICE", "no-such-program")
    verdict = sign_off(design, made_parameters(design, 2), rows)
    assert verdict.truth == "loaded"
    assert "no-such-program" in verdict.missing
    assert verdict.engines_agree is None
    assert verdict.record()["cross_check_V"] is None


def test_no_samples_are_an_error(design):
    with pytest.raises(PrintronError, match="no samples"):
        sign_off(design, made_parameters(design), (np.zeros((3, 0)), np.zeros(0, int)))


def reading(outputs, power=1e-3, status=None):
    outputs = np.asarray(outputs, float)
    count = outputs.shape[1]
    power = {"vdd": np.full(count, power)}
    return Reading((outputs,), outputs, power, status or (CONVERGED,) * count)


RIGHT = [[1.0, 0.2, 0.1, 1.0], [0.0, 1.0, 1.0, 0.7]]


def test_a_lead_is_the_winner_minus_the_runner_up():
    """Whatever the order of the outputs, and whoever is right."""
    expected = [1.0, 0.8, 0.9, 0.3]
    third = [*RIGHT, [-1.0, -1.0, 0.0, 0.5]]
    for outputs in (RIGHT, RIGHT[::-1], third, third[::-1]):
        np.testing.assert_allclose(reading(outputs).lead, expected)
    spread = made(reading(RIGHT), reading(RIGHT)).record()["spice"]["lead_V"]
    assert spread["min"] == pytest.approx(0.3)
    assert spread["median"] == pytest.approx(0.85)


def made(model, truth):
    return Verdict(LABELS, {"ideal": model, "loaded": truth, "spice": truth}, 0.0, None)


def test_a_sample_without_a_solution_counts_as_wrong_and_is_named():
    status = (CONVERGED, "lost", CONVERGED, CONVERGED)
    outputs = np.array(RIGHT, float)
    outputs[:, 1] = np.nan
    truth = reading(outputs, status=status)
    assert truth.accuracy(LABELS) == 0.75
    assert truth.mean_power["total"] == pytest.approx(1e-3)
    assert len(truth.lead) == 3
    record = made(reading(RIGHT), truth).record()
    assert record["spice"]["not_converged"] == {1: "lost"}


@pytest.mark.parametrize(
    ("wrong", "power", "kept"),
    [(0, 1.02e-3, True), (0, 0.96e-3, False), (1, 1e-3, False), (0, 1.05e-3, False)],
)
def test_a_claim_is_kept_within_two_points_and_three_percent(wrong, power, kept):
    found = np.array(RIGHT, float)
    found[:, :wrong] = found[::-1, :wrong]
    claim = made(reading(RIGHT), reading(found, power)).claim()
    assert claim["kept"] is kept
    assert claim["accuracy_points"] == pytest.approx(-25 * wrong)
    assert claim["power_ratio"] == pytest.approx(power / 1e-3)


def test_engines_that_disagree_are_told():
    truth = reading(RIGHT)
    off = reading(np.array(RIGHT) + 2e-3)
    verdict = dataclasses.replace(
        made(truth, truth), readings={"ideal": truth, "loaded": off, "spice": truth}
    )
    assert verdict.engines_agree is False


def test_a_model_is_not_its_own_witness():
    same = reading(RIGHT)
    alone = Verdict(LABELS, {"loaded": same}, float("nan"), None, claimed=Claim("loaded"))
    assert not alone.claim()["independent"]
    assert made(same, same).claim()["independent"]


def test_what_was_written_down_is_what_is_judged():
    claimed = Claim("loaded", accuracy=0.5, power_W=2e-3)
    readings = {"loaded": reading(RIGHT), "spice": reading(RIGHT)}
    claim = Verdict(LABELS, readings, 0.0, None, claimed=claimed).claim()
    assert claim["accuracy_points"] == pytest.approx(50)
    assert claim["power_ratio"] == pytest.approx(0.5)
    assert not claim["kept"]


def test_the_claim_is_that_of_the_model_that_it_was_trained_by():
    readings = {
        "ideal": reading([[0, 0, 0, 0], [1, 1, 1, 1]]),
        "loaded": reading(RIGHT),
        "spice": reading(RIGHT),
    }
    verdict = Verdict(LABELS, readings, float("nan"), None, claimed=Claim("loaded"))
    assert verdict.claim()["model"] == "loaded"
    assert verdict.claim()["kept"]


def test_an_ngspice_that_hangs_ends_a_sign_off_in_time(design, rows, monkeypatch, tmp_path):
    script, pids = hanging_ngspice(tmp_path)
    monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
    said = []
    with pytest.raises(NgspiceTimeout, match=r"none of the 25 samples .* of the 0.6 s") as failure:
        sign_off(
            design, made_parameters(design, 2), rows, keep_dir=tmp_path / "kept", timeout_s=0.6,
            progress=said.append,
        )  # fmt: skip
    assert said[0].startswith("ngspice has worked for")
    assert str(tmp_path / "kept") in str(failure.value)
    assert not left_of(pids)


@pytest.mark.needs_ngspice
def test_a_cross_check_that_ends_for_want_of_time_says_so(design, rows, monkeypatch):
    """One limit holds for both: whoever runs the sweep runs the check."""
    real, runners = verdict_module.spice_reading, []

    def hanging(*circuit_and_runner, one_by_one=False, **options):
        runners.append(circuit_and_runner[-1])
        if one_by_one:
            raise NgspiceTimeout("it hung")
        return real(*circuit_and_runner, **options)

    monkeypatch.setattr(verdict_module, "spice_reading", hanging)
    record = sign_off(design, made_parameters(design, 2), rows, timeout_s=120.0).record()
    assert record["cross_check_missing"] == "it hung"
    assert record["cross_check_V"] is record["cross_check_kept"] is None
    assert record["spice"]["not_converged"] == {}
    assert len(set(runners)) == 1
