"""What a table's columns are taken for, and what is refused for want of sense."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printron.datasets import DatasetError, load_dataset
from printron.datasets.own_table import read_table
from printron.datasets.sense import _far


def written(path, **columns):
    """A table of these columns, in their order."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


N = 60
READINGS = np.random.default_rng(0).normal(5, 1, N).round(3)
CLASSES = ["ab"[k % 2] for k in range(N)]
USELESS = {
    "dates": [f"2024-03-{1 + k % 28:02d} 10:{k % 60:02d}:00" for k in range(N)],
    "text": [f"room {k % 3}" for k in range(N)],
    "constant": [7.5] * N,
    "empty": [""] * N,
}


@pytest.mark.parametrize("why", USELESS)
def test_a_column_that_is_no_feature_is_left_out_and_named(tmp_path, why):
    path = written(tmp_path / "log.csv", x=READINGS, other=USELESS[why], kind=CLASSES)
    table = read_table(path)
    assert table.feature_names == ("x",)
    assert table.left_out == ("other",)
    assert f"1 column left out: 'other' ({why})" in table.remarks[0]


@pytest.mark.parametrize("name", ["", "id", "Index", "Unnamed: 0"])
@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_are_no_feature(tmp_path, name, first):
    path = written(tmp_path / "log.csv", **{name: range(first, N + first)}, x=READINGS, y=CLASSES)
    assert read_table(path).feature_names == ("x",)


def test_a_clock_is_no_feature_but_a_measured_time_is(tmp_path):
    rising = np.arange(N) * 0.5 + 1e9
    assert read_table(
        written(tmp_path / "a.csv", timestamp=rising, x=READINGS, y=CLASSES)
    ).feature_names == ("x",)
    assert read_table(
        written(tmp_path / "b.csv", time=READINGS, x=READINGS**2, y=CLASSES)
    ).feature_names == ("time", "x")


def test_a_table_without_any_feature_is_refused(tmp_path):
    path = written(tmp_path / "log.csv", room=USELESS["text"], y=CLASSES)
    with pytest.raises(DatasetError, match=r"no column has readings \('room' \(text\)\)"):
        read_table(path)


@pytest.mark.parametrize(
    ("values", "like"), [(READINGS, "a measurement: "), (USELESS["dates"], "dates: ")]
)
def test_a_label_that_is_none_points_to_those_that_are(tmp_path, values, like):
    first = written(tmp_path / "log.csv", kind=CLASSES, x=READINGS, y=values)
    with pytest.raises(DatasetError) as caught:
        read_table(first)
    message = str(caught.value)
    assert "the column 'y', the last one, which has the labels unless --label says" in message
    assert f"reads like {like}" in message
    assert "such as 'kind'" in message
    assert read_table(first, label="kind").class_names == ("a", "b")
    with pytest.raises(DatasetError, match="the column 'x' reads like a measurement"):
        read_table(first, label="x")


def test_many_classes_of_whole_numbers_are_classes(tmp_path):
    path = written(tmp_path / "log.csv", x=np.arange(300) / 7, y=[k % 26 for k in range(300)])
    assert len(read_table(path).class_names) == 26


@pytest.mark.parametrize("value", [1e308, -1e308, 5e5])
def test_a_reading_beyond_all_others_is_refused(tmp_path, value):
    spoilt = READINGS.copy()
    spoilt[7] = value
    path = written(tmp_path / "log.csv", x=spoilt, y=CLASSES)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert f"column 'x': the reading {value:g} lies so far from the others" in str(caught.value)


def test_readings_that_squeeze_the_others_are_named(tmp_path):
    spoilt = READINGS.copy()
    spoilt[7] = 200.0
    table = read_table(written(tmp_path / "log.csv", x=spoilt, y=CLASSES))
    assert "column 'x': 1 reading far off (200) leaves the others" in table.remarks[0]
    assert load_dataset(tmp_path / "log.csv").remarks == table.remarks


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=30, max_size=60, unique=True),
    st.floats(-1e6, 1e6).filter(bool),
    st.floats(-1e6, 1e6),
)
def test_how_far_readings_lie_does_not_depend_on_their_unit(values, factor, offset):
    column = np.array(values) + 5.0
    far, share = _far(column)
    scaled_far, scaled = _far(4.0 * column)
    np.testing.assert_array_equal(scaled_far, 4 * far)
    assert scaled == share
    assert 0 <= share <= 1


def test_rare_classes_and_very_many_features_are_remarked(tmp_path):
    rng = np.random.default_rng(0)
    columns = {f"s{k}": rng.normal(size=300).round(3) for k in range(120)}
    kinds = ["rare" if k < 8 else "usual" for k in range(300)]
    remarks = " ".join(read_table(written(tmp_path / "log.csv", **columns, y=kinds)).remarks)
    assert "120 features are as many sensors" in remarks
    assert "class 'rare' has 2.7 % of the rows" in remarks
    assert "balanced accuracy" in remarks


def test_a_clean_table_is_read_without_a_word(tmp_path):
    path = written(tmp_path / "log.csv", x=READINGS, z=READINGS**2, y=CLASSES)
    assert read_table(path).remarks == ()
