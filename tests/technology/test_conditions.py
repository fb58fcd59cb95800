"""Conditions are asked for as people write quantities, and read back as the same."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from printron.base.models import one_sentence
from printron.errors import PrintronError
from printron.technology import TechnologyError
from printron.technology.conditions import Conditions, ConditionsSpec, conditions_in
from printron.technology.process import default_process
from printron.technology.variation import LARGEST_SHARE, LARGEST_V, QUANTITIES, Shift, Variation

PROCESS = default_process()
decimals = st.decimals(0, 3, places=4, allow_nan=False).map(str)


leaks = st.sampled_from(["none", "process"]) | st.integers(1, 10**6).map(lambda n: f"{n} Mohm")


@given(decimals, decimals, decimals, decimals, decimals, leaks)
def test_a_record_of_conditions_reads_back_as_the_same(factor, margin, ohms, share, drift, leak):
    asked = ConditionsSpec(
        variation=factor,
        margin=f"{margin} mV",
        source_resistance=f"{ohms} kohm",
        supply_tolerance=f"{share} %",
        drift=f"{drift} mV",
        gate_leakage=leak,
    )
    assert conditions_in({"conditions": asked.written}) == asked
    options = {name: text.replace("ohm", " ohm") for name, text in asked.options.items()}
    assert ConditionsSpec.model_validate(options) == asked


def test_without_conditions_a_circuit_is_as_designed():
    assert not ConditionsSpec().given
    assert conditions_in({}) == ConditionsSpec()
    assert ConditionsSpec().on(PROCESS) == Conditions()
    assert ConditionsSpec().text == ""


def test_the_process_is_the_factor_1_and_none_is_0():
    assert ConditionsSpec(variation="process").on(PROCESS).variation == PROCESS.spread
    assert ConditionsSpec(variation="none") == ConditionsSpec()
    half = ConditionsSpec(variation="0.5").on(PROCESS).variation
    assert half.R.own == pytest.approx(PROCESS.spread.R.own / 2)


def test_quantities_arrive_in_si_units():
    asked = ConditionsSpec(
        margin="10mV", source_resistance="100kohm", supply_tolerance="10%", drift="20 mV"
    )
    expected = Conditions(margin=0.01, source_resistance=1e5, supply=0.1, drift=0.02)
    assert dataclasses.astuple(asked.on(PROCESS))[1:] == pytest.approx(
        dataclasses.astuple(expected)[1:]
    )
    assert asked.varied
    assert ConditionsSpec(gate_leakage="100Mohm").on(PROCESS).gate_leakage == 1e8
    assert ConditionsSpec(gate_leakage="100Mohm").loaded
    assert not ConditionsSpec(gate_leakage="process").varied
    assert not ConditionsSpec(margin="10 mV", source_resistance="1 kohm").varied
    assert not ConditionsSpec(margin="10 mV").loaded


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("variation", "200%", "give process (the variation of the process file), none, or"),
        ("variation", "-1", "0 or above"),
        ("variation", -0.5, "0 or above"),
        ("variation", True, "got true; give process"),
        ("variation", float("inf"), "0 or above"),
        ("margin", "10 mm", "which is not a finite number with the unit V"),
        ("margin", 10, "write the unit too"),
        ("margin", "-1 mV", "got -1 mV; give 0 V or above"),
        ("source_resistance", "-5 kohm", "got -5 kohm; give 0 ohm (ideal sources) to 1 Gohm"),
        ("source_resistance", "5 V", "with the unit ohm"),
        ("supply_tolerance", "200 %", "got 200 %; give 0 % or above, and below 100 %"),
        ("supply_tolerance", "0.1", "write a percentage"),
        ("drift", "20 ohm", "with the unit V"),
        ("drift", "6 V", "got 6 V; give 0 V to 5 V"),
        (
            "gate_leakage",
            "0 ohm",
            "got 0 ohm; give process (the leakage of the process file), none",
        ),
        ("gate_leakage", 0, "got 0 ohm; give process"),
        ("gate_leakage", "-1 Mohm", "ground, 100 kohm to 10 Tohm"),
        ("gate_leakage", "1 kohm", "ground, 100 kohm to 10 Tohm"),
        ("gate_leakage", "100 nA", "with the unit ohm"),
        ("gate_leakage", True, "write the unit too"),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence(key, value, says):
    with pytest.raises(ValidationError) as caught:
        ConditionsSpec.model_validate({key: value})
    sentence = one_sentence("mine.toml", caught.value, "conditions")
    assert sentence.startswith(f"mine.toml: 'conditions.{key}': got ")
    assert says in sentence
    assert "\n" not in sentence


def test_a_margin_beyond_the_supplies_is_refused():
    rails = [*PROCESS.rails.values(), PROCESS.crossbar.V_bias]
    span = max(rails) - min(rails)
    ConditionsSpec(margin=f"{0.99 * span} V").on(PROCESS)
    with pytest.raises(
        TechnologyError, match=r"got a margin of 3\.2 V, but the supplies .* 3\.2 V"
    ):
        ConditionsSpec(margin=f"{span} V").on(PROCESS)


def test_a_process_without_variation_has_only_conditions_without_it():
    process = PROCESS.model_copy(update={"variation": None})
    assert ConditionsSpec(drift="20 mV").on(process).drift == 0.02
    with pytest.raises(TechnologyError, match=r"has no table \[variation\]"):
        ConditionsSpec(variation="process").on(process)


def test_leakage_is_that_of_the_process_where_it_is_asked_for():
    leaking = ConditionsSpec(gate_leakage="process")
    assert leaking.on(PROCESS).gate_leakage == PROCESS.gate_leakage.value == 3e7
    assert "assumed" in PROCESS.gate_leakage.source
    assert ConditionsSpec(gate_leakage="none") == ConditionsSpec()
    silent = PROCESS.model_copy(update={"leakage": None})
    with pytest.raises(TechnologyError, match=r"has no table \[leakage\]"):
        leaking.on(silent)
    assert ConditionsSpec(gate_leakage="1 Gohm").on(silent).gate_leakage == 1e9
    rails = {name: volts for name, volts in PROCESS.rails.items() if name != "gnd"}
    floating = PROCESS.model_copy(update={"rails": rails})
    assert ConditionsSpec(margin="1 mV").on(floating).gate_leakage is None
    with pytest.raises(TechnologyError, match="has no rail 'gnd'; add gnd"):
        leaking.on(floating)


@given(st.floats(0, 1000))
def test_a_factor_never_spreads_more_than_a_file_may_say(factor):
    """The factor that the refusal names is allowed."""
    try:
        spread = PROCESS.spread.scaled(factor)
    except TechnologyError as error:
        allowed = float(str(error).rpartition(" ")[2])
        assert allowed < factor
        spread = PROCESS.spread.scaled(allowed)
    for quantity in QUANTITIES:
        of = spread.of(quantity)
        most = LARGEST_V if isinstance(of, Shift) else LARGEST_SHARE
        assert max(of.own, of.shared) <= most


def test_a_factor_that_makes_200_percent_is_refused():
    sentence = "with which R spreads by 200 %; at most 100 % can be printed: give a factor of at"
    with pytest.raises(PrintronError, match=sentence):
        ConditionsSpec(variation=20).on(PROCESS)


def test_the_numbers_of_a_variation_are_its_standard_deviations():
    numbers = PROCESS.spread.numbers
    assert numbers["R"] == {"own": PROCESS.spread.R.own, "shared": PROCESS.spread.R.shared}
    assert set(numbers) == set(QUANTITIES)
    assert not any(any(each.values()) for each in Variation().numbers.values())
