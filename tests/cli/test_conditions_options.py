"""Conditions as options: what they imply, and what is wrong with them is one sentence."""

import pytest
from made_up_circuit import write_made_circuit
from made_up_copies import made_terms

from printron.cli.advice import loaded_command
from printron.cli.copies_view import copies_sentence
from printron.cli.options import ConditionsOptions, TrainingOptions
from printron.errors import PrintronError
from printron.results import ProblemSpec, build_problem
from printron.results.copies import copies_record
from printron.technology.conditions import ConditionsSpec
from printron.training import WeightedPower

PRINTED = ConditionsSpec(variation=1)

MISTAKES = {
    "200 %": (("--variation", "200%"), "--variation: got '200%'; give process"),
    "factor": (("--variation", "20"), "R spreads by 200 %; at most 100 % can be printed"),
    "negative": (("--variation", "-1"), "0 or above"),
    "unit": (("--margin", "10mm"), "--margin: got '10mm', which is not a finite number"),
    "no unit": (("--drift", "3"), "--drift: got '3', which is not a finite number with the unit V"),
    "margin": (("--margin", "5V"), "the supplies of process 'inkjet-egt' lie 3.2 V apart"),
    "resistance": (("--source-resistance", "-1kohm"), "--source-resistance: got -1 kohm; give 0"),
    "leakage": (("--gate-leakage", "0"), "--gate-leakage: got 0 ohm; give process"),
    "share": (("--supply-tolerance", "0.1"), "--supply-tolerance: got '0.1'; write a percentage"),
    "odd": (("--variation", "process", "--draws", "7"), "got draws = 7; it must be an even number"),
    "draws for nothing": (
        ("--draws", "8", "--variation", "none"),
        "add --variation process, or leave --draws out",
    ),
    "ideal": (
        ("--variation", "process", "--sources", "ideal"),
        "choose loaded sources, or leave these conditions out",
    ),
}


@pytest.fixture
def circuit_folder(problem, tmp_path):
    write_made_circuit(problem, tmp_path / "c")
    return tmp_path / "c"


@pytest.mark.parametrize("command", ["train", "sweep"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(run, command, mistake):
    words, says = MISTAKES[mistake]
    code, _, err = run(command, "iris", *words)
    assert (code, err.count("\n")) == (2, 1)
    assert says in err


def test_a_process_that_does_not_say_how_it_varies_is_named(run, tmp_path):
    code, shown, _ = run("show", "process")
    assert code == 0
    (tmp_path / "p.toml").write_text(shown.split("[variation")[0])
    words = ("--process", tmp_path / "p.toml", "--variation", "process")
    code, _, err = run("train", "iris", *words)
    assert (code, err.count("\n")) == (2, 1)
    assert "has no table [variation]" in err


def test_what_ideal_sources_cannot_have_implies_loaded_ones():
    training = TrainingOptions()
    assert training.schedule(ConditionsSpec()).sources == "ideal"
    assert training.schedule(ConditionsSpec(margin="10 mV")).sources == "ideal"
    each = ({"variation": 1}, {"drift": "1 mV"}, {"supply_tolerance": "1 %"})
    for asked in (*each, {"source_resistance": "1 kohm"}, {"gate_leakage": "process"}):
        assert training.schedule(ConditionsSpec(**asked)).sources == "loaded"
    assert TrainingOptions(draws=4).schedule(PRINTED).draws == 4


def test_options_stand_in_place_of_what_was_asked_before():
    before = ConditionsSpec(variation=0.5, margin="10 mV")
    assert ConditionsOptions().spec(before) == before
    changed = ConditionsOptions(margin="0", drift="20mV").spec(before)
    assert changed == ConditionsSpec(variation=0.5, drift="20 mV")
    with pytest.raises(PrintronError, match="^--margin: got "):
        ConditionsOptions(margin="10").spec(before)


def test_the_command_that_trains_again_has_the_same_conditions(problem):
    asked = ConditionsSpec(margin="10 mV")
    made = build_problem(ProblemSpec("iris", conditions=asked))
    words = loaded_command(
        made, "published", TrainingOptions(), WeightedPower(0.5), 0, None
    ).split()
    given = words[words.index("--margin") + 1]
    assert ConditionsOptions(margin=given).spec() == asked
    assert "--margin" not in loaded_command(
        problem, "published", TrainingOptions(), WeightedPower(0.5), 0, None
    )


def test_no_circuit_is_shown_without_a_word_on_its_copies():
    record = {"schedule": {"sources": "loaded"}, "process": "p"}
    clear = [0.9] * 19 + [0.2]
    judged = copies_record(made_terms(clear), PRINTED, 10, 0.9)
    says = "printed copies: mean 86.5 %, 5th percentile 86.5 %, n = 20, variation ×1 of the process"
    assert copies_sentence({**record, "copies": judged}) == says
    lost = copies_record(made_terms(clear, solved=[1] * 19 + [0.5]), PRINTED, 10, 0.9)
    assert copies_sentence({**record, "copies": lost}) == (
        f"{says}; 5 of 200 rows have no operating point and count as wrong"
    )
    assert "process 'p' has no table [variation]" in copies_sentence(record)
    ideal = {**record, "schedule": {"sources": "ideal"}}
    assert "ideal sources" in copies_sentence(ideal)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--keep", "0.1"), "got --keep without printed copies to judge; add --copies 1000"),
        (("--variation", "process"), "got --variation without printed copies"),
        (("--copies", "8", "--budget", "3V"), "--budget: got '3V', which is not a finite number"),
        (("--copies", "8", "--keep", "5"), "got 5 of accuracy to lose; give a fraction"),
        (("--copies", "8", "--variation", "none"), "under which copies do not differ"),
        (("--copies", "8", "--variation", "99"), "at most 100 % can be printed"),
    ],
)
def test_a_mistake_of_a_sign_off_is_one_sentence(run, circuit_folder, words, says):
    code, _, err = run("signoff", circuit_folder, "--no-spice", *words)
    assert (code, err.count("\n")) == (2, 1)
    assert says in err
