"""Values that a table lacks: found, counted, and dealt with as the user says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.datasets import DatasetError, load_dataset
from printron.datasets.catalogue import BENCHMARKS
from printron.datasets.files import locate
from printron.datasets.missing import marks_in
from printron.datasets.own_table import read_table

MARK = -9999.0


def written(path, readings, labels=None):
    labels = ["ab"[k % 2] for k in range(len(readings))] if labels is None else labels
    rows = [
        ",".join([*("" if np.isnan(x) else repr(float(x)) for x in row), label])
        for row, label in zip(readings, labels, strict=True)
    ]
    names = [f"s{k}" for k in range(readings.shape[1])]
    path.write_text("\n".join([",".join([*names, "class"]), *rows]) + "\n")
    return path


def log(gaps, value):
    """Readings of two sensors; the first lacks its value in the rows `gaps`."""
    readings = np.random.default_rng(0).normal(20, 3, (60, 2)).round(2)
    readings[list(gaps), 0] = value
    return readings


@pytest.mark.parametrize("value", [MARK, -200.0, np.nan, 9999.0])
def test_a_value_that_is_missing_is_refused_until_the_user_says_what_to_do(tmp_path, value):
    gaps = (4, 9, 30)
    readings = log(gaps, value)
    path = written(tmp_path / "log.csv", readings)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    message = str(caught.value)
    assert "line 6, column 's0'" in message
    assert "3 of 60 rows lack a value (s0 3)" in message
    assert "--missing drop" in message
    assert ("--missing keep" in message) != np.isnan(value)

    dropped = read_table(path, missing="drop")
    np.testing.assert_array_equal(dropped.readings, np.delete(readings, gaps, axis=0))
    assert "3 of 60 rows left out for want of a value" in dropped.remarks[0]
    filled = read_table(path, missing="20.5")
    expected = readings.copy()
    expected[list(gaps), 0] = 20.5
    np.testing.assert_array_equal(filled.readings, expected)
    assert load_dataset(path, missing="drop").scaling.minimum[0] > 0
    if np.isnan(value):
        with pytest.raises(DatasetError, match="the value is missing"):
            read_table(path, missing="keep")
    else:
        np.testing.assert_array_equal(read_table(path, missing="keep").readings, readings)


def test_a_column_that_lacks_most_values_goes_rather_than_the_rows(tmp_path):
    readings = log(range(40), np.nan)
    readings[3, 1] = np.nan
    table = read_table(written(tmp_path / "log.csv", readings), missing="drop")
    assert table.feature_names == ("s1",)
    assert len(table.labels) == 59
    assert table.left_out == ("s0",)
    assert "left out for want of values: 's0'" in table.remarks[0]


@pytest.mark.parametrize("label", ["?", "NA", "nan", ""])
def test_a_label_that_says_nothing_is_no_class(tmp_path, label):
    labels = ["ab"[k % 2] for k in range(60)]
    labels[5:8] = [label] * 3
    path = written(tmp_path / "log.csv", log((), 0), labels)
    with pytest.raises(DatasetError, match="line 7, column 'class': the label is missing"):
        read_table(path)
    table = read_table(path, missing="drop")
    assert (table.class_names, len(table.labels)) == (("a", "b"), 57)


def test_nothing_is_left_of_a_table_of_gaps(tmp_path):
    readings = log((), 0)
    readings[::2, 0] = readings[1::2, 1] = np.nan
    with pytest.raises(DatasetError, match="no row has a value in every column"):
        read_table(written(tmp_path / "log.csv", readings), missing="drop")


@pytest.mark.parametrize("word", ["ignore", "", "nan", "inf"])
def test_another_way_is_refused(tmp_path, word):
    path = written(tmp_path / "log.csv", log((), 0))
    with pytest.raises(DatasetError, match="allowed are drop"):
        load_dataset(path, missing=word)


def test_a_benchmark_has_no_gaps():
    with pytest.raises(DatasetError, match="the way with missing values 'drop' was given with"):
        load_dataset("iris", missing="drop")


def of_one(column):
    return marks_in(np.array(column, float)[:, None])[0]


@given(
    st.lists(st.floats(0, 1000), min_size=8, max_size=30, unique=True),
    st.lists(st.sampled_from([-9999, 99999, 9_999_999]), min_size=1, unique=True),
    st.integers(2, 5),
)
def test_marks_are_found_whatever_the_readings(values, marks, times):
    column = [*values, *marks * times]
    assert set(of_one(column)) == set(marks)
    assert set(of_one([*column, np.nan])) == set(marks)


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.integers(4, 40))
def test_readings_less_far_apart_than_they_lie_have_no_mark(step, start, number):
    """Even the lowest, whole and below zero, and one that loggers write."""
    column = start + step * np.arange(number)
    for lowest in (np.floor(column[0]), -9999.0):
        near = lowest + step * np.arange(number)
        assert of_one(np.repeat(near, 2)) == ()


@pytest.mark.parametrize("column", [[0, 0, 1, 1], [0, 1, 2, 3, 50, 50], [-1, -1, 0, 1, 2, 3, 4]])
def test_few_levels_and_counts_are_no_marks(column):
    assert of_one(column) == ()


@pytest.mark.parametrize(
    ("column", "marks"),
    [
        ([0, 1, 0, 1, -9999], (-9999,)),
        ([20.5, 21, 22, -999.9], (-999.9,)),
        ([-5, 0, 5, 12, -200], (-200,)),
        ([-5, 0, 5, 12, -127, -127], (-127,)),
        ([1, 2, 3, 4, 9999, 9999, -999], (9999, -999)),
    ],
)
def test_what_loggers_write_is_a_mark_beside_any_readings(column, marks):
    assert set(of_one(column)) == set(marks)


def test_a_mark_of_one_column_is_one_in_others():
    rng = np.random.default_rng(1)
    wide, below = rng.uniform(650, 2000, 50), rng.uniform(-10, 40, 50)
    readings = np.column_stack([rng.uniform(0, 12, 50), wide, below])
    readings[:4, :2] = readings[4, 2] = -300
    assert marks_in(readings) == [(-300,), (-300,), (-300,)]
    assert marks_in(readings[:, 1:]) == [(), ()]  # alone, neither is far enough off


def test_a_test_table_has_the_marks_of_the_main_table(tmp_path):
    main = written(tmp_path / "main.csv", log((4, 9), MARK))
    readings = log((), 0)[:20] + 0.5
    readings[3, 0], readings[7, 1] = MARK, 9999.0  # the second is no mark of the main table
    test = written(tmp_path / "test.csv", readings, ["?", *["ab"[k % 2] for k in range(19)]])
    dataset = load_dataset(main, test_table=test, missing="drop")
    assert len(dataset.test.labels) == 18
    said = " ".join(dataset.remarks)
    assert f"'{test}' was read so: -9999 stands for no value in 's0'; 2 of 20 rows left out" in said


def test_what_goes_with_the_rows_is_said(tmp_path):
    labels = ["rare" if k < 6 else "ab"[k % 2] for k in range(60)]
    readings = np.column_stack([log(range(6), np.nan), np.where(np.arange(60) < 6, 1.0, 2.0)])
    table = read_table(written(tmp_path / "log.csv", readings, labels), missing="drop")
    assert (table.class_names, table.feature_names) == (("a", "b"), ("s0", "s1"))
    assert "no row is left of the class rare" in table.remarks[0]
    assert "'s2' (constant)" in table.remarks[0]


def test_no_benchmark_has_marks(raw):
    for benchmark in BENCHMARKS.values():
        paths = tuple(locate(file, raw) for file in benchmark.files)
        readings, _ = benchmark.parse(paths)
        assert set(marks_in(readings)) == {()}, benchmark.name
