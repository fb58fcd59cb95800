"""Text in ASCII: spelled, not lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.base.ascii import in_ascii


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Wärme (°C)", "Warme (degC)"),
        ("温度", "u6e29u5ea6"),
        ("Жar", "Zhear"),
        ("θ µV Ω", "theta uV Ohm"),
        ("Łódź, Straße", "Lodz, Strasse"),
        ("x² 🙂", "x2 "),
    ],
)
def test_letters_are_spelled(text, spelled):
    assert in_ascii(text) == spelled


@given(st.text())
def test_the_result_is_ascii_and_stays_as_it_is(text):
    made = in_ascii(text)
    assert made.isascii()
    assert in_ascii(made) == made


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1))
def test_no_letter_vanishes(text):
    assert len(in_ascii(text)) >= len(text)
