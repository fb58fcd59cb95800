"""A surrogate answers inside its validity box only, and is the same after it was stored."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printron.characterization import (
    SurrogateError,
    build_surrogate,
    characterize,
    library,
    load_surrogate,
    load_surrogate_for,
    save_surrogate,
    sobol_designs,
    surrogate_fit,
    surrogate_for,
)
from printron.technology import technology

LIBRARY = technology()
NAMES = ("ptanh", "negation", "sigmoid", "negation_divider", "clipped_relu")
SHIPPED = {name: surrogate_for(LIBRARY, name) for name in NAMES}
ARRAYS = ("low", "high", "constraints", "anchor", "offset", "scale")
SPREADS = ("edge_mV", "low_plateau_mV", "high_plateau_mV", "slope_percent", "power_percent")
any_cell = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def design():
    """A design of ptanh, [variables]."""
    return sobol_designs(LIBRARY.cell("ptanh"), 1, seed=5)[:, 0]


# ------------------------------------------------------------------------------- feasibility


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(NAMES), st.integers(0, 2**32 - 1), st.booleans())
def test_feasible_designs_respect_ranges_and_constraints(name, seed, at_corners):
    surrogate, cell = SHIPPED[name], LIBRARY.cell(name)
    u = np.random.default_rng(seed).random((len(cell.variables), 32))
    u = np.round(u) if at_corners else u
    with jax.enable_x64(True):
        drawn = np.asarray(surrogate.feasible(jnp.asarray(u)))
    designs = surrogate.denormalize(drawn)
    assert cell.inside(designs).all()
    surrogate(designs)  # and the surrogate answers
    # Well inside (not within the margin of 1e-4 of the way), a design stays where it is.
    powers, logs = surrogate.constraints[:, :-1], np.log(surrogate.denormalize(u))
    held = powers @ logs + surrogate.constraints[:, -1:]
    inside = (held > 1e-3).all(0)
    np.testing.assert_allclose(drawn[:, inside], u[:, inside], rtol=0, atol=1e-15)


@any_cell
def test_feasible_is_whole_in_float32_too(name):
    surrogate, cell = SHIPPED[name], LIBRARY.cell(name)
    u = np.random.default_rng(0).random((len(cell.variables), 4, 250), dtype=np.float32)
    drawn = surrogate.feasible(jnp.asarray(u))
    assert drawn.dtype == jnp.float32
    assert cell.inside(surrogate.denormalize(drawn).reshape(len(u), -1)).all()


@any_cell
def test_feasible_has_finite_slopes_everywhere(name):
    surrogate = SHIPPED[name]
    u = np.random.default_rng(1).random((len(surrogate.variables), 100))
    points = jnp.asarray(np.concatenate([u, np.round(u), 0 * u + surrogate.anchor[:, None]], 1))
    slopes = jax.jit(jax.grad(lambda x: surrogate.feasible(x).sum()))(points)
    assert bool(jnp.isfinite(slopes).all())


@any_cell
def test_normalized_designs_and_designs_are_two_ways_to_write_the_same(name):
    surrogate, cell = SHIPPED[name], LIBRARY.cell(name)
    designs = sobol_designs(cell, 20, seed=2)
    u = surrogate.normalize(designs)
    assert ((u >= 0) & (u <= 1)).all()
    np.testing.assert_allclose(surrogate.denormalize(u), designs, rtol=1e-12)
    np.testing.assert_allclose(surrogate.denormalize(np.eye(len(u))), np.where(
        np.eye(len(u)) > 0, surrogate.high[:, None], surrogate.low[:, None]))  # fmt: skip


# ------------------------------------------------------------------------------- the box


@any_cell
def test_it_refuses_to_extrapolate_and_names_the_variable(name):
    surrogate, cell = SHIPPED[name], LIBRARY.cell(name)
    design = surrogate.denormalize(surrogate.anchor)
    for k, variable in enumerate(cell.variables):
        for value in (cell.bounds[0, k] * 0.99, cell.bounds[1, k] * 1.01):
            outside = design.copy()
            outside[k] = value
            with pytest.raises(SurrogateError) as fault:
                surrogate(outside)
            says = f"got {variable} = {value:g}; the surrogate of '{name}' is valid in ["
            assert says in str(fault.value)


def test_one_design_of_many_outside_is_named(design):
    designs = np.tile(design[:, None], 5)
    designs[2, 3] = 9e9  # R1
    with pytest.raises(SurrogateError, match=r"got R1 = 9e\+09; "):
        SHIPPED["ptanh"](designs)


@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
@pytest.mark.parametrize("value", [np.nan, -1.0])
def test_what_is_no_component_value_is_refused(design, value):
    broken = design.copy()
    broken[2] = value
    with pytest.raises(SurrogateError, match=f"got R1 = {value:g}; "):
        SHIPPED["ptanh"](broken)


def test_a_design_that_breaks_a_constraint_is_refused(design):
    broken = design.copy()
    broken[:2] = 4e6, 4e6
    with pytest.raises(SurrogateError, match="design of 'ptanh' that violates a constraint"):
        SHIPPED["ptanh"](broken)


def test_one_design_is_answered_like_many(design):
    """To a microvolt and 0.01 %: processors add up one design and three in different order."""
    eta, power = SHIPPED["ptanh"](design)
    assert eta.shape == (4,)
    assert power.shape == ()
    many, powers = SHIPPED["ptanh"](np.tile(design[:, None], 3))
    np.testing.assert_allclose(many[:3], np.tile(eta[:3, None], 3), rtol=0, atol=1e-6)
    np.testing.assert_allclose(many[3], [eta[3]] * 3, rtol=1e-4)
    np.testing.assert_allclose(powers, [power] * 3, rtol=1e-4)


# ------------------------------------------------------------------------------- storing


@pytest.fixture
def stored(tmp_path):
    save_surrogate(SHIPPED["ptanh"], tmp_path)
    return tmp_path / "ptanh.npz"


def test_what_was_stored_is_read_back_bit_by_bit(stored):
    one, other = SHIPPED["ptanh"], load_surrogate(stored)
    for key in ("cell", "curve", "variables", "fingerprint", "report"):
        assert getattr(other, key) == getattr(one, key)
    pairs = [(getattr(one, k), getattr(other, k)) for k in ARRAYS]
    pairs += [(a, b) for x, y in zip(one.weights, other.weights, strict=True) for a, b in zip(x, y)]  # noqa: B905
    for a, b in pairs:
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    designs = sobol_designs(LIBRARY.cell("ptanh"), 10)
    for a, b in zip(one(designs), other(designs), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_folder_of_ones_own_comes_before_what_ships(stored):
    mine = replace(SHIPPED["ptanh"], report={"mine": True})
    save_surrogate(mine, stored.parent)
    assert surrogate_for(LIBRARY, "ptanh", stored.parent).report == {"mine": True}
    assert surrogate_for(LIBRARY, "negation", stored.parent) is SHIPPED["negation"]


def test_a_surrogate_of_another_cell_or_process_is_refused():
    card = LIBRARY.process.transistors["B"].model_copy(update={"V_T": 0.21})
    transistors = {**LIBRARY.process.transistors, "B": card}
    other = technology(LIBRARY.process.model_copy(update={"transistors": transistors}))
    with pytest.raises(SurrogateError, match="'ptanh' was made from another .* build one with"):
        surrogate_for(other, "ptanh")
    assert surrogate_for(other, "clipped_relu") is SHIPPED["clipped_relu"]  # made of card A


def test_a_cell_without_a_surrogate_is_told_how_to_get_one(tmp_path):
    cell = LIBRARY.cell("ptanh").model_copy(update={"name": "mine"})
    other = replace(LIBRARY, cells={**LIBRARY.cells, "mine": cell})
    with pytest.raises(SurrogateError, match="no surrogate of the cell 'mine'; build one with"):
        surrogate_for(other, "mine", tmp_path)


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "no json", "bad json", "gone", "newer"])
def test_a_damaged_file_is_named_in_a_sentence(stored, damage):
    whole, report = stored.read_bytes(), stored.with_suffix(".json")
    if damage == "gone":
        stored.unlink()
    elif damage == "no json":
        report.unlink()
    elif damage == "bad json":
        report.write_text("{")
    elif damage == "newer":
        with np.load(stored) as file:
            arrays = dict(file)
        np.savez(stored, **{**arrays, "format": np.array(99)})
    else:
        stored.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"text"}[damage])
    with pytest.raises(SurrogateError, match=r"ptanh\.npz: .*; .*rebuild") as fault:
        load_surrogate(stored)
    assert "\n" not in str(fault.value)


def changed(path, **arrays):
    """Store other arrays in a surrogate's file; None takes one out."""
    with np.load(path) as file:
        held = {**file, **arrays}
    np.savez(path, **{key: value for key, value in held.items() if value is not None})
    return path


@pytest.mark.parametrize("key", [*ARRAYS, "matrix0", "bias1", "matrix2", "variables", "cell"])
@pytest.mark.parametrize("value", [
    None, np.array("text"), np.array(["a", "b"]), np.zeros(0), np.zeros((7, 3)), np.array(1j),
    np.array([[True]]),
], ids=["missing", "text", "texts", "empty", "shape", "complex", "bool"])  # fmt: skip
def test_arrays_of_another_kind_are_refused_in_a_sentence(stored, key, value):
    if key == "cell" and value is not None and value.shape == () and value.dtype.kind == "U":
        value = np.array(["a list"])  # one text is what a name is
    with pytest.raises(SurrogateError, match=r"ptanh\.npz: .*'\w+' .*; rebuild") as fault:
        load_surrogate(changed(stored, **{key: value}))
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("key", [*ARRAYS, "matrix1", "bias0"])
def test_numbers_that_are_not_finite_are_refused_by_name(stored, key):
    with np.load(stored) as file:
        array = np.full_like(file[key], np.nan)
    with pytest.raises(SurrogateError, match=f"got '{key}' with numbers that are not finite"):
        load_surrogate(changed(stored, **{key: array}))


@pytest.mark.parametrize("text", ["[]", "1", '"text"', "null", '{"a": NaN}'])
def test_a_report_that_is_no_table_is_refused(stored, text):
    stored.with_suffix(".json").write_text(text)
    with pytest.raises(SurrogateError, match="the report"):
        load_surrogate(stored)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("curve", np.array("negated_tanh")),
        ("curve", np.array("no form")),
        ("cell", np.array("negation")),
        ("variables", np.array(SHIPPED["ptanh"].variables[::-1])),
        ("fingerprint", np.array("0123456789abcdef")),
    ],
)
def test_a_surrogate_that_is_not_of_the_cell_is_refused(stored, key, value):
    """Order of the variables, curve form: with others the same numbers are another cell's."""
    changed(stored, **{key: value})
    word = {"cell": "the name", "fingerprint": "another description"}.get(key, f"the {key}")
    for read in (
        lambda: surrogate_for(LIBRARY, "ptanh", stored.parent),
        lambda: load_surrogate_for(LIBRARY, "ptanh", stored),
    ):
        with pytest.raises(SurrogateError, match=f"{word}.*'ptanh'|'ptanh'.*{word}"):
            read()


def test_the_surrogate_of_the_cell_is_read(stored):
    assert load_surrogate_for(LIBRARY, "ptanh", stored) == SHIPPED["ptanh"]


# ------------------------------------------------------------------------------- building


def test_building_keeps_every_fifth_design_out_of_training(few, monkeypatch):
    """Held-out designs may say anything: the weights do not change."""
    monkeypatch.setattr(surrogate_fit, "PASSES", 5)
    table = few.table.copy()
    table.loc[::5, ["eta1_V", "power_W"]] *= 2
    one = build_surrogate(LIBRARY, few, hidden=(4,))
    other = build_surrogate(LIBRARY, type(few)(table, few.provenance), hidden=(4,))
    assert one.report["trained_on"] == 16
    assert one.report["held_out"] == 4
    for a, b in zip(jax.tree.leaves(one.weights), jax.tree.leaves(other.weights), strict=True):
        np.testing.assert_array_equal(a, b)
    errors = [x.report["surrogate_error"]["power_percent"] for x in (one, other)]
    assert errors[0] != errors[1]


@pytest.fixture(scope="module")
def hundreds():
    """A characterization of the printable ptanh; 480 designs train a surrogate, 120 do not."""
    return characterize(LIBRARY, "ptanh", samples=600, seed=7)


@pytest.fixture(scope="module")
def quick(hundreds):
    """Its surrogate after 1,500 steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surrogate_fit, "PASSES", 1500)
        return build_surrogate(LIBRARY, hundreds)


def test_a_short_training_tells_unseen_designs_apart(quick):
    """Bounds are about twice what is found; the edges of the designs span 1 V."""
    errors = quick.report["surrogate_error"]
    found = {key: errors[key]["median"] for key in SPREADS}
    bounds = dict(zip(SPREADS, (1.5, 1.5, 1.5, 1.5, 1.5), strict=True))
    assert all(found[key] < bounds[key] for key in SPREADS), found


def test_the_same_seed_gives_the_same_surrogate_and_another_seed_another(few, monkeypatch):
    monkeypatch.setattr(surrogate_fit, "PASSES", 20)
    one, again, other = (build_surrogate(LIBRARY, few, seed=seed) for seed in (3, 3, 4))
    assert one.digest == again.digest != other.digest


@pytest.mark.parametrize(("count", "steps"), [(16, 3), (499, 700), (8000, 40_000), (20_000, 900)])
def test_a_pass_takes_no_design_twice_and_the_rate_ends_at_the_last_step(count, steps):
    chunks, last = surrogate_fit._batches(count, steps, np.random.default_rng(0))
    taken = np.concatenate([*chunks])
    assert len(taken) == last >= steps
    assert taken.shape[1] == min(surrogate_fit.BATCH, count)
    per_pass = count // taken.shape[1]
    for some in taken.reshape(-1, per_pass * taken.shape[1])[:3]:
        assert len(set(some)) == len(some)
        assert set(some) <= set(range(count))


def test_few_designs_take_fewer_steps():
    assert surrogate_fit._batches(16, 40_000, np.random.default_rng(0))[1] == surrogate_fit.PASSES


def test_designs_without_power_are_refused_before_training(few, monkeypatch):
    """A surrogate learns the logarithm of the power."""
    monkeypatch.setattr(library, "_trained", None)
    table = few.table.assign(power_W=np.where(few.table.index < 3, 0.0, few.table["power_W"]))
    with pytest.raises(SurrogateError, match="got 3 designs of 'ptanh' that take no power"):
        build_surrogate(LIBRARY, type(few)(table, few.provenance))


def test_errors_that_are_not_finite_are_refused(few, monkeypatch, tmp_path):
    """Neither a report nor a file holds NaN."""
    odd = {"surrogate_error": {key: {"median": np.nan, "p95": 0.0} for key in SPREADS}}
    shipped = SHIPPED["ptanh"]
    monkeypatch.setattr(library, "_trained", lambda *_, **__: shipped)
    monkeypatch.setattr(library, "_errors", lambda *_: odd)
    with pytest.raises(SurrogateError, match="'ptanh' gave errors that are not finite"):
        build_surrogate(LIBRARY, few)
    with pytest.raises(ValueError, match="JSON"):
        save_surrogate(replace(shipped, report=odd), tmp_path)
    assert not list(tmp_path.iterdir())
