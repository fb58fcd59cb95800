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
    "yes and no, where 1 and 0 would be read": ["True", "False", "True"] * (N // 3),
    "empty": [""] * N,
}


@pytest.mark.parametrize("why", USELESS)
def test_a_column_that_is_no_feature_is_left_out_and_named(tmp_path, why):
    path = written(tmp_path / "log.csv", x=READINGS, other=USELESS[why], kind=CLASSES)
    table = read_table(path)
    assert table.feature_names == ("x",)
    assert table.left_out == ("other",)
    assert f"1 column left out: 'other' ({why})" in table.remarks[0]


NUMBERS = {"first 0": range(N), "first 1001": range(1001, 1001 + N), "shuffled": range(N, 0, -1)}


@pytest.mark.parametrize("name", ["", "id", "Index", "Unnamed: 0"])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_row_numbers_are_no_feature(tmp_path, name, numbers):
    path = written(tmp_path / "log.csv", **{name: NUMBERS[numbers]}, x=READINGS, y=CLASSES)
    table = read_table(path)
    assert table.feature_names == ("x",)
    shown = f"'{name}'" if name else "number 1"
    assert f"1 column left out: {shown} (row numbers)" in table.remarks[0]


@pytest.mark.parametrize("name", ["timestamp", "time_s", "Time [s]", "DATE"])
def test_a_clock_is_no_feature_but_a_measured_time_is(tmp_path, name):
    rising = np.arange(N) // 2 * 0.5 + 1e9
    clock = {name: rising}
    assert read_table(
        written(tmp_path / "a.csv", **clock, x=READINGS, y=CLASSES)
    ).feature_names == ("x",)
    assert read_table(
        written(tmp_path / "b.csv", **{name: READINGS}, x=READINGS**2, y=CLASSES)
    ).feature_names == (name, "x")


def test_a_table_without_any_feature_is_refused(tmp_path):
    path = written(tmp_path / "log.csv", room=USELESS["text"], y=CLASSES)
    with pytest.raises(DatasetError, match=r"no column has readings \('room' \(text\)\)"):
        read_table(path)


@pytest.mark.parametrize(
    ("values", "like"),
    [
        (READINGS, "reads like a measurement: "),
        (READINGS.round(1), "reads like a measurement: "),
        (USELESS["dates"], "reads like dates: "),
        (["2024-01-01", "2024-01-02"] * (N // 2), "reads like dates: "),
        ([0, 1] * (N // 2), "has numbers, where 'kind' may have the classes: "),
    ],
)
def test_a_label_that_is_none_points_to_those_that_are(tmp_path, values, like):
    first = written(tmp_path / "log.csv", kind=CLASSES, x=READINGS, y=values)
    with pytest.raises(DatasetError) as caught:
        read_table(first)
    message = str(caught.value)
    assert "the column 'y', the last one, which has the labels unless --label says" in message
    assert like in message
    assert "such as 'kind'" in message
    assert read_table(first, label="kind").class_names == ("a", "b")
    with pytest.raises(DatasetError, match="the column 'x' reads like a measurement"):
        read_table(first, label="x")


def test_many_classes_of_whole_numbers_are_classes(tmp_path):
    path = written(tmp_path / "log.csv", x=np.arange(300) / 7, y=[k % 26 for k in range(300)])
    assert len(read_table(path).class_names) == 26


FAR = {
    "one": {7: 1e308},
    "the lowest": {7: -1e308},
    "both ends": {7: 1e308, 8: -1e308},
    "three": {7: 5e5, 8: 5e5, 9: 5e5},
    "of many sizes": {7: 1e6, 8: 2e6, 9: 4e7},
}


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("levels", [3, 8, N])
def test_readings_beyond_all_others_are_refused(tmp_path, far, levels):
    spoilt = np.resize(READINGS[:levels], N)
    for row, value in FAR[far].items():
        spoilt[row] = value
    path = written(tmp_path / "log.csv", x=spoilt, z=READINGS**2, y=CLASSES)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert "lies so far from the others that these would share" in str(caught.value)


def test_readings_that_squeeze_the_others_are_named(tmp_path):
    spoilt = READINGS.copy()
    spoilt[7] = 200.0
    table = read_table(written(tmp_path / "log.csv", x=spoilt, y=CLASSES))
    assert "column 'x': 1 reading far off (200) leaves the others" in table.remarks[0]
    assert load_dataset(tmp_path / "log.csv").remarks == table.remarks


@given(
    st.lists(st.integers(-1000, 1000), min_size=30, max_size=60),
    st.integers(1, 40),
    st.sampled_from([-2.0, 0.25, 1024.0]),
    st.sampled_from([-4096.0, 0.0, 512.0]),
)
def test_how_far_readings_lie_does_not_depend_on_their_unit(values, power, factor, offset):
    column = np.array([*values, 2.0**power])
    far, share = _far(column)
    other_far, other = _far(factor * column + offset)
    assert sorted(other_far) == sorted(factor * far + offset)
    assert other == pytest.approx(share)
    assert 0 <= share <= 1


@pytest.mark.parametrize("seed", range(3))
def test_heavy_tails_counts_and_rare_events_are_not_far_off(seed):
    rng = np.random.default_rng(seed)
    for column in (
        rng.exponential(size=500),
        rng.lognormal(0, 2, 500),
        rng.poisson(0.1, 500),
        rng.poisson(30, 500),
        rng.random(500) < 0.01,
    ):
        far, share = _far(np.asarray(column, float))
        assert len(far) == 0 or share > 0.05


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
