"""A curve that has the form is fitted exactly; a curve that does not says by how much."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printron.characterization import fit_curves, shape_of, transfer
from printron.characterization.transfer import transfer_of
from printron.circuits import Sweep
from printron.technology import curve

V_IN = np.linspace(-1, 1, 401)
FORMS = ("tanh", "negated_tanh", "logistic", "softplus")
COUNT = 40


def curves_of(form, eta):
    with jax.enable_x64(True):
        return np.array(curve(form, V_IN[:, None], eta))


def etas(form, seed=0):
    """Parameters as the cells have them: edges within the sweep, slopes that the grid resolves."""
    rng = np.random.default_rng(seed)
    low, high = {
        "tanh": ((-0.2, 0.5, -0.4, 5), (0.2, 0.95, 0.4, 40)),
        "negated_tanh": ((-0.2, 0.5, -0.4, 5), (0.2, 0.95, 0.4, 40)),
        "logistic": ((0.0, 0.5, -0.4, 10), (0.1, 0.95, 0.4, 80)),
        "softplus": ((0.0, 0.5, -0.2, 8), (0.02, 1.0, 0.3, 30)),
    }[form]
    return rng.uniform(np.array(low)[:, None], np.array(high)[:, None], (4, COUNT))


@pytest.fixture
def without_pull(monkeypatch):
    """The fit without the pull towards its first estimate."""
    monkeypatch.setattr(transfer, "PULL_V", dict.fromkeys(FORMS, 0.0))
    transfer._fit_tile.clear_cache()  # it was compiled with the pull
    yield
    transfer._fit_tile.clear_cache()


@pytest.mark.usefixtures("without_pull")
@pytest.mark.parametrize("form", FORMS)
def test_the_parameters_of_a_curve_that_has_the_form_are_found(form):
    eta = etas(form)
    found, rms = fit_curves(form, V_IN, curves_of(form, eta))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, eta, rtol=1e-6, atol=1e-9)
    assert (rms < 1e-9).all()


@pytest.mark.parametrize("form", FORMS)
def test_the_pull_towards_the_first_estimate_costs_next_to_nothing(form):
    """A thousandth of each parameter and microvolts, where a curve says what they are."""
    eta = etas(form)
    found, rms = fit_curves(form, V_IN, curves_of(form, eta))
    np.testing.assert_allclose(found[1:], eta[1:], rtol=1e-3)
    np.testing.assert_allclose(found[:3], eta[:3], rtol=0, atol=2e-5)
    assert (rms < 5e-6).all()


NO_KNEE = [
    (0, 0.8, -2, 15),
    (0, 0.8, 1.2, 15),
    (0, 0.8, 2, 15),
    (0.3, 0, 0, 10),
    (0, 1, 0, 1e3),
]
NO_EDGE = [(0, 0.9, -1.3, 15), (0, 0.9, 1.02, 30), (0.5, 0, 0, 10), (0.5, 0.01, -1.5, 2)]


@pytest.mark.parametrize("form", FORMS)
def test_what_a_curve_does_not_show_stays_plausible(form):
    """Knees and edges outside the sweep, flat curves: finite, no level or edge runs away."""
    eta = np.array(NO_KNEE if form == "softplus" else NO_EDGE, float).T
    found, rms = fit_curves(form, V_IN, curves_of(form, eta))
    assert np.isfinite(found).all()
    assert (np.abs(found[:3]) < 2).all()
    assert ((found[3] > 0) & (found[3] < 1000)).all()
    assert (rms < 1e-2).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_curve_that_holds_nan_is_nan_and_leaves_its_neighbours_alone(form):
    v_out = curves_of(form, etas(form))
    whole, whole_rms = fit_curves(form, V_IN, v_out)
    v_out[7, 3] = np.nan
    v_out[:, 11] = np.inf
    found, rms = fit_curves(form, V_IN, v_out)
    lost = np.isin(np.arange(COUNT), [3, 11])
    assert np.array_equal(np.isnan(rms), lost)
    assert np.isnan(found[:, lost]).all()
    np.testing.assert_array_equal(found[:, ~lost], whole[:, ~lost])
    np.testing.assert_array_equal(rms[~lost], whole_rms[~lost])


def test_a_fit_does_not_depend_on_what_is_fitted_beside_it():
    v_out = curves_of("tanh", etas("tanh"))
    many, _ = fit_curves("tanh", V_IN, np.tile(v_out, (1, 13)))  # 520: more than one tile
    one, _ = fit_curves("tanh", V_IN, v_out[:, :1])
    np.testing.assert_allclose(many, np.tile(many[:, :COUNT], (1, 13)), rtol=1e-12)
    np.testing.assert_allclose(one, many[:, :1], rtol=1e-9)


def test_the_residual_is_the_root_mean_square_of_the_misfit():
    """A ripple that no tanh can follow stays, whole."""
    v_out = curves_of("tanh", etas("tanh"))
    ripple = 0.01 * (-1.0) ** np.arange(V_IN.size)[:, None]
    _, rms = fit_curves("tanh", V_IN, v_out + ripple)
    assert rms == pytest.approx(0.01, rel=0.02)


@settings(deadline=None, max_examples=10)
@given(st.floats(-1, 1), st.floats(-0.02, 0.02))
def test_a_curve_that_hardly_moves_is_still_a_finite_fit(level, tilt):
    found, rms = fit_curves("tanh", V_IN, (level + tilt * V_IN)[:, None])
    assert np.isfinite(found).all()
    assert (found[3] > 0).all()
    assert (rms <= abs(tilt) + 1e-6).all()


# ------------------------------------------------------------------------------------ shape


@pytest.mark.parametrize("sign", [1, -1])
def test_the_shape_of_a_tanh(sign):
    """Edge at eta3, slope eta2 eta4, plateaus where the tanh has all but ended."""
    eta1, eta2, eta3, eta4 = 0.1, sign * 0.8, 0.123, 12.0
    v = np.linspace(-1, 1, 4001)
    shape = shape_of(v, (eta1 + eta2 * np.tanh((v - eta3) * eta4))[:, None])
    assert shape.edge == pytest.approx(eta3, abs=1e-6)
    assert shape.low == pytest.approx(eta1 - eta2, abs=1e-6)
    assert shape.high == pytest.approx(eta1 + eta2, abs=1e-6)
    assert shape.slope == pytest.approx(abs(eta2) * eta4, rel=1e-4)
    assert shape.swing == pytest.approx(2 * abs(eta2), abs=1e-6)


def test_the_edge_lies_between_two_samples():
    v = np.array([0.0, 1.0, 2.0])
    shape = shape_of(v, np.array([[0.0, 4.0], [1.0, 4.0], [4.0, 0.0]]))
    assert shape.edge == pytest.approx([1 + 1 / 3, 1.5])
    assert shape.slope == pytest.approx([3, 4])


def test_power_is_averaged_over_the_sweep():
    v_out = curves_of("tanh", etas("tanh"))
    watts = np.linspace(0, 2, 401)[:, None] * np.arange(1, COUNT + 1)
    source_power = {"vdd": watts, "in": -watts / 2}
    result = Sweep(V_IN, v_out, source_power, ("converged",) * COUNT, "jax", "0")
    assert transfer_of("tanh", result).power == pytest.approx(np.arange(1, COUNT + 1) / 2)


def test_an_unknown_curve_form_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="'cubic'; allowed are tanh, negated_tanh, logistic, soft"):
        curve("cubic", 0.0, (0, 1, 0, 1))
