"""Bounds of settings: what they allow, and what they say."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.base.bounds import bounded, check_bounds
from printron.errors import PrintronError


@dataclass(frozen=True)
class Settings:
    share: float = bounded(0.5, above=0, most=1)
    rate: float | None = bounded(1.0, least=0)
    parts: tuple[float, ...] = bounded((0.1,), least=0, below=1)
    kind: str = bounded("a", one_of=("a", "b"))
    free: float = 0.0

    def __post_init__(self):
        check_bounds(self)


numbers = st.floats(-2, 2) | st.sampled_from([0.0, 1.0, float("nan"), float("inf")])


def refused(**settings):
    try:
        Settings(**settings)
    except PrintronError:
        return True
    return False


@given(numbers)
def test_a_number_is_refused_out_of_its_bounds_alone(number):
    assert refused(share=number) == (not 0 < number <= 1)
    assert refused(rate=number) == (not 0 <= number < float("inf"))
    assert refused(parts=(0.5, number)) == (not 0 <= number < 1)
    assert not refused(free=number)


def test_none_and_what_is_listed_are_allowed():
    assert not refused(rate=None, kind="b", parts=())
    assert refused(kind="c")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"share": 1.5}, "got share = 1.5; it must be above 0, and at most 1"),
        ({"rate": -1.0}, "got rate = -1.0; it must be 0 or above, and finite"),
        ({"parts": (0.5, 1.0)}, "got parts = (0.5, 1.0); each must be 0 or above, and below 1"),
        ({"kind": "c"}, "got kind = 'c'; it must be a or b"),
    ],
)
def test_a_refusal_names_the_setting_the_value_and_what_is_allowed(wrong, sentence):
    with pytest.raises(PrintronError) as caught:
        Settings(**wrong)
    assert str(caught.value) == sentence
