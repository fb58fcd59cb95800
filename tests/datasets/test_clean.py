"""Laws of the clean protocol: no row is lost, shared, or seen by the scaling."""

import dataclasses

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from printron.datasets import DatasetError, clean, load_dataset, names
from printron.datasets.catalogue import BENCHMARKS
from printron.datasets.clean import Parts, arrange, split
from printron.datasets.records import Scaling, Table

FEATURES, SAMPLES = 3, 30
READINGS = arrays(
    np.float64, (SAMPLES, FEATURES), elements=st.floats(allow_nan=False, allow_infinity=False)
)
GRADES = arrays(np.float64, (SAMPLES, FEATURES), elements=st.sampled_from([0.0, 1.0, 2.0]))
FIXED_PARTS = Parts(np.arange(18), np.arange(18, 24), np.arange(24, 30))


def _table(readings, labels=None):
    if labels is None:
        labels = np.arange(len(readings)) % 2
    names = tuple(f"sensor_{number}" for number in range(readings.shape[1]))
    classes = tuple("abcdefghij"[: int(max(labels)) + 1])
    return Table(readings, np.asarray(labels, np.int32), names, classes)


def _benchmark_table(name, raw):
    benchmark = BENCHMARKS[name]
    readings, labels = benchmark.parse(tuple(raw / file.name for file in benchmark.files))
    return Table(readings, labels, benchmark.feature_names, benchmark.class_names)


@pytest.mark.parametrize("name", names())
def test_a_benchmark_is_parted_by_the_laws(name, raw):
    table = _benchmark_table(name, raw)
    parts = split(table, split_seed=1)
    count = len(table.labels)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(count))
    whole = np.bincount(table.labels) / count
    for rows, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert len(rows) / count == pytest.approx(share, abs=0.02)
        assert np.bincount(table.labels[rows]) / len(rows) == pytest.approx(whole, abs=0.03)
    _assert_nothing_shared(table.readings, parts)


@given(GRADES, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_no_reading_is_in_two_parts(readings, seed):
    # Five different readings of each class, the fewest that can be split; the rest as it comes.
    readings[:10] = np.repeat(np.arange(5.0), 2)[:, None]
    table = _table(readings)
    try:
        parts = split(table, seed)
    except DatasetError as error:
        # The other lawful end: so many identical rows that a class cannot be in every part.
        event(str(error)[:7])
        return
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(SAMPLES))
    _assert_nothing_shared(readings, parts)


def test_a_class_too_scarce_to_be_split_is_named():
    labels = [0] * 26 + [1] * 4
    readings = np.arange(90.0).reshape(SAMPLES, FEATURES)
    with pytest.raises(DatasetError, match=r"class 'b' has 4 row\(s\) with 4 different reading"):
        split(_table(readings, labels), 0)


def test_a_part_without_a_class_is_refused(monkeypatch):
    monkeypatch.setattr(clean, "_folds", lambda table, seed: np.arange(SAMPLES) // 6)
    labels = [0] * 24 + [1] * 6
    readings = np.arange(90.0).reshape(SAMPLES, FEATURES)
    with pytest.raises(
        DatasetError, match="class 'b' would have no training row with split_seed 8"
    ):
        split(_table(readings, labels), 8)


@given(READINGS, READINGS)
@settings(deadline=None)
def test_the_scaling_depends_on_the_training_rows_only(readings, others):
    changed = readings.copy()
    changed[18:] = others[18:]
    one, two = (arrange("synthetic", _table(r), FIXED_PARTS) for r in (readings, changed))
    np.testing.assert_array_equal(one.train.volts, two.train.volts)
    np.testing.assert_array_equal(one.scaling.minimum, two.scaling.minimum)
    np.testing.assert_array_equal(one.scaling.maximum, two.scaling.maximum)


@given(READINGS)
@settings(deadline=None)
def test_volts_are_between_the_rails_and_training_rows_reach_both(readings):
    dataset = arrange("synthetic", _table(readings), FIXED_PARTS)
    for rows in (dataset.train, dataset.valid, dataset.test):
        assert rows.volts.shape == (FEATURES, len(rows.labels))
        assert rows.volts.min() >= 0
        assert rows.volts.max() <= 1
    low, high = dataset.scaling
    wide = high / 2 - low / 2 > 0
    np.testing.assert_array_equal(dataset.train.volts.min(axis=1), 0)
    np.testing.assert_array_equal(dataset.train.volts.max(axis=1), np.where(wide, 1, 0))


def test_a_constant_feature_is_zero_volts_in_every_part():
    readings = np.random.default_rng(0).normal(size=(SAMPLES, FEATURES))
    readings[:18, 1] = 7.0
    dataset = arrange("synthetic", _table(readings), FIXED_PARTS)
    for rows in (dataset.train, dataset.valid, dataset.test):
        assert not rows.volts[1].any()


def test_a_new_reading_is_scaled_by_hand():
    scaling = Scaling(np.array([10.0, -1.0]), np.array([20.0, 1.0]))
    volts = scaling.volts([[12.5, 0.0], [99.0, -99.0]])
    np.testing.assert_array_equal(volts, np.array([[0.25, 0.5], [1.0, 0.0]], np.float32))


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (load_dataset("balance_scale", split_seed=seed) for seed in (4, 4, 5))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_the_fingerprint_sees_one_changed_label():
    dataset = load_dataset("iris")
    labels = dataset.test.labels.copy()
    labels[0] = (labels[0] + 1) % 3
    changed = dataclasses.replace(dataset, test=dataclasses.replace(dataset.test, labels=labels))
    assert changed.fingerprint != dataset.fingerprint


def test_majority_answers_the_commonest_training_class():
    labels = np.array([0] * 6 + [1] * 12 + [0] * 3 + [1] * 3 + [0] * 4 + [1] * 2)
    readings = np.arange(90.0).reshape(SAMPLES, FEATURES)
    dataset = arrange("synthetic", _table(readings, labels), FIXED_PARTS)
    assert dataset.majority == pytest.approx(2 / 6)


def test_a_data_set_cannot_be_written_to():
    dataset = load_dataset("iris")
    with pytest.raises(ValueError, match="read-only"):
        dataset.train.volts[0, 0] = 0.5
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"


def test_clean_mammographic_mass_reads_the_slip_of_55_as_5(raw):
    assert load_dataset("mammographic_mass", data_dir=raw).scaling.maximum[0] == 6
    published = load_dataset("mammographic_mass", data_dir=raw, protocol="published")
    assert published.scaling.maximum[0] == 55


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, "1"])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(DatasetError, match="split_seed is .* whole number from 0 to 4294967295"):
        load_dataset("iris", split_seed=seed)


def _assert_nothing_shared(readings, parts):
    train, valid, test = ({tuple(row) for row in readings[rows]} for rows in parts)
    assert train.isdisjoint(valid)
    assert train.isdisjoint(test)
    assert valid.isdisjoint(test)
