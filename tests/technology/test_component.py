"""Laws of every kind of component, whatever the kind: Kirchhoff, slopes, symmetry, writing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.technology import COMPONENT_KINDS, EGT, RESISTOR, TechnologyError, default_process
from printron.technology.component import Kind, Quantity, register
from printron.technology.limits import LIMITS

PROCESS = default_process()
CARDS = [PROCESS.card(name) for name in PROCESS.transistors]
every_kind = pytest.mark.parametrize("kind", COMPONENT_KINDS.values(), ids=COMPONENT_KINDS)
SIZES = {"R": 2e4, "W": 4e-4, "L": 6e-5}


def values_of(kind):
    return {q.key: SIZES.get(q.key, 0.5) for q in kind.quantities}


def currents(kind, card, *volts):
    coefficients = kind.coefficients(values_of(kind))
    return kind.currents(volts, [jnp.asarray(c) for c in coefficients], card)


def points(kind, count=40):
    """Terminal voltages, some of them alike, V, a row a terminal."""
    rng = np.random.default_rng(0)
    volts = rng.uniform(-1, 1, (len(kind.terminals), count))
    volts[:, :5] = volts[:1, :5]
    return jnp.asarray(volts)


@every_kind
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_slopes_are_the_derivatives_of_the_current(kind, card):
    with jax.enable_x64(True):
        volts = points(kind)
        found = currents(kind, card, *volts)
        assert len(found) == len(kind.paths)
        for k in range(len(found)):
            for terminal, slope in enumerate(found[k].slopes):
                along = [jnp.full_like(v, n == terminal) for n, v in enumerate(volts)]
                _, change = jax.jvp(
                    lambda *v, k=k: currents(kind, card, *v)[k].current, tuple(volts), tuple(along)
                )
                expected = jnp.broadcast_to(slope, change.shape)
                np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-18)


@every_kind
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_shift_of_all_voltages_changes_no_current(kind, card):
    """So the slopes of a current add up to 0: no kind knows where ground is."""
    with jax.enable_x64(True):
        volts = points(kind)
        moved = currents(kind, card, *(v + 0.25 for v in volts))
        for before, after in zip(currents(kind, card, *volts), moved, strict=True):
            np.testing.assert_allclose(after.current, before.current, rtol=1e-9, atol=1e-18)
            assert jnp.abs(sum(before.slopes)).max() <= 1e-12 * jnp.abs(before.slopes[0]).max()


@pytest.mark.parametrize("kind", [RESISTOR, EGT], ids=str)
def test_exchanged_ends_turn_the_current_around(kind):
    with jax.enable_x64(True):
        volts = points(kind)
        for card in CARDS:
            (there,) = currents(kind, card, *volts)
            (back,) = (
                currents(kind, card, *volts[::-1])
                if kind == RESISTOR
                else currents(kind, card, volts[2], volts[1], volts[0])
            )
            np.testing.assert_array_equal(back.current, -there.current)


@every_kind
@given(st.data())
def test_a_line_written_reads_back(kind, data):
    names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
    nodes = [data.draw(names) for _ in kind.terminals]
    numbers = {key: repr(data.draw(st.floats(1e-300, 1e300))) for key in kind.keys}
    card = data.draw(names) if kind.carded else None
    name = kind.letter + data.draw(names)
    line = kind.written(name, nodes, numbers, card)
    said = {"name": name, **dict(zip(kind.terminals, nodes, strict=True)), **numbers}
    assert kind.read(line) == said | ({"card": card} if kind.carded else {})
    assert [other for other in COMPONENT_KINDS.values() if other.read(line)] == [kind]


def test_a_letter_means_one_unit():
    class Odd(Kind):
        name, letter, terminals, line = "odd", "D", ("a", "b"), "{name} {a} {b} {R}"
        quantities = (Quantity("R", "m", LIMITS["R"]),)

    with pytest.raises(TechnologyError, match="same unit in every kind"):
        register(Odd())
    assert "odd" not in COMPONENT_KINDS


def test_a_name_means_one_kind():
    with pytest.raises(TechnologyError, match="a second kind 'resistor'"):
        register(type(RESISTOR)())
