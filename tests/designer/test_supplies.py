"""Supplies: the smallest that feeds a circuit, the life of a battery, mistakes in a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.designer.supplies import read_supplies, supply_for, supply_record, supply_sentence
from printron.errors import PrintronError

OWN = """
[supplies.coin]
summary = "my battery"
power = "2 mW"
energy = "54 J"
[supplies.sun]
summary = "my solar cell"
power = "20 uW"
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "supplies.toml"
    path.write_text(OWN)
    return read_supplies(path)


@given(st.floats(1e-9, 0.1))
def test_the_smallest_supply_that_suffices_is_named(power_W):
    supplies = read_supplies()
    assert [each.power for each in supplies] == pytest.approx([1e-4, 3e-3, 3e-2])
    found = supply_for(supplies, power_W)
    assert found == min(
        (each for each in supplies if each.power >= power_W), key=lambda s: s.power, default=None
    )


def test_a_battery_lasts_for_its_energy(own):
    assert supply_record(own, 15e-6, 1e-7)["life_s"] is None
    record = supply_record(own, 1e-3, 1e-7)
    assert record["life_s"] * 1e-3 == pytest.approx(54)
    assert record["decisions"] * 1e-7 == pytest.approx(54)
    sentence = supply_sentence(own, 1e-3, 1e-7)
    assert sentence == (
        "my battery feeds the circuit, for 15 hours without a pause, or for 5.4e+08 decisions "
        "between which it is off"
    )
    assert supply_sentence(own, 1.0, None).startswith("no supply feeds the circuit; the largest")
    assert supply_sentence(own, 1e-6, None) == "my solar cell feeds the circuit"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "'supplies' is missing; add it"),
        ("[supplies]", "'supplies': "),
        (OWN.replace("2 mW", "2 mV"), "'supplies.coin.power': got '2 mV'"),
        (OWN.replace("54 J", "-1 J"), "'supplies.coin.energy': got -1; it must be above 0"),
        (OWN.replace("power", "watts", 1), "'supplies.coin.watts' is not a known key"),
        (OWN.replace('"my battery"', '"' + "x" * 100 + '"'), "'supplies.coin.summary': "),
    ],
)
def test_a_mistake_in_a_file_is_one_sentence(tmp_path, text, says):
    path = tmp_path / "supplies.toml"
    path.write_text(text)
    with pytest.raises(PrintronError) as error:
        read_supplies(path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
