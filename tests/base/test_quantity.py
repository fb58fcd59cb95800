"""A quantity is one decimal number and a unit; nothing is computed."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printron.base.quantity import _units, decimal, to_si
from printron.errors import PrintronError

WRITTEN = st.from_regex(r"[+-]?[0-9]{1,6}(\.[0-9]{0,6})?([eE][+-]?[0-9])?", fullmatch=True)
UNITS = sorted((text, *meaning) for text, meaning in _units().items() if text)
ODD = [
    "9**9**9**9 ohm", "ohm**9**9**9", "1 ohm**2", "(1+1) ohm", "1+1 ohm", "2 * 3 ohm", "1_000 ohm",
    "١٠ ohm", "\uff11\uff10 ohm", "1e400 ohm", "-1e400 ohm", "nan ohm", "inf ohm", "1 1 ohm", "ohm",
    "1", "", " ", "1 //ohm", "1/ohm", "1/", "1 ohm/", "1/V", "1 ohm/ohm", "1 OHM", "1 kkohm",
    "0x10 ohm",
    "1 ohm; ohm", "1 ohm\nohm", "1e ohm", "--1 ohm", "1" * 100 + " ohm", "1 " + "k" * 10**6 + "ohm",
    "__import__('os') ohm", "1 delta_degC", "1 dB",
]  # fmt: skip


@given(WRITTEN, st.sampled_from(UNITS), st.sampled_from(["", " ", "  "]))
@example("124.6", ("mV", "V", -3), " ")
def test_a_number_is_its_digits_times_the_power_of_ten_of_its_unit(number, unit, gap):
    text, meaning, power = unit
    found = to_si(f" {number}{gap}{text} ", meaning)
    assert found == float(number) * float(f"1e{power}")
    exact = Decimal(number).scaleb(power)
    assert abs(Decimal(found) - exact) <= abs(exact) * Decimal("3e-16")


@given(WRITTEN, st.sampled_from(UNITS), st.sampled_from(["ohm", "S", "V", "m", "A", "1/V"]))
def test_a_unit_of_another_kind_is_refused(number, unit, asked):
    text, meaning, _ = unit
    if meaning != asked:
        with pytest.raises(PrintronError, match=f"with the unit {asked} or a multiple"):
            to_si(f"{number} {text}", asked)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_what_is_not_a_number_and_a_unit_is_refused_in_a_short_sentence(text):
    with pytest.raises(PrintronError) as fault:
        to_si(text, "ohm")
    sentence = str(fault.value)
    assert len(sentence) < 200
    assert "\n" not in sentence


@given(st.text(max_size=30))
def test_no_text_is_computed(text):
    """It is refused, or reads like the one number that it holds."""
    try:
        number = to_si(text, "ohm")
    except PrintronError:
        return
    (written,) = re.findall(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", text)
    assert float(written) == 0 or 1e-19 < abs(number / float(written)) < 1e13


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("3.3 1/kohm", "S", 3.3e-3),
        ("2.5 mA/V", "S", 2.5e-3),
        ("3 V/mA", "ohm", 3e3),
        ("40 /mV", "1/V", 4e4),
        ("4 kΩ", "ohm", 4e3),
        ("4 k\u2126", "ohm", 4e3),
        ("2 millivolts", "V", 2e-3),
        ("1 cm", "m", 1e-2),
        ("5 uF/cm2", "F/m2", 5e-2),
        ("5 µF/cm²", "F/m2", 5e-2),
        ("100ms", "s", 0.1),
        ("5 μm", "m", 5e-6),
    ],
)
def test_units_in_their_other_spellings(text, unit, number):
    assert to_si(text, unit) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize("text", ["1_0", "nan", "inf", "1e5x", "", " 1", "١", "1" * 65])
def test_only_plain_numbers_are_numbers(text):
    assert decimal(text) is None
