"""Test rows of a user's own: they test and nothing else, and what does not fit is refused."""

import numpy as np
import pytest

from printron.datasets import DatasetError, load_dataset
from printron.datasets.own_table import read_table

MAIN = "temp,ph,class\n" + "".join(f"{k},{k / 7:.4f},{k % 2}\n" for k in range(20))
TEST = "class,ph,temp\n1.0,0.5,-3\n0,9.5,30\n1,1.5,4.5\n"


@pytest.fixture
def tables(write_csv):
    return write_csv(MAIN), write_csv(TEST, "new.csv")


def test_rows_of_the_test_table_test_and_those_of_the_main_table_do_not(tables):
    dataset = load_dataset(tables[0], test_table=tables[1])
    main = read_table(tables[0])
    assert [len(part.labels) for part in (dataset.train, dataset.valid)] == [16, 4]
    assert dataset.test.labels.tolist() == [1, 0, 1]
    # Scaled as the training rows are, in the order of their columns; clipped to the rails.
    readings = np.array([[-3, 0.5], [30, 9.5], [4.5, 1.5]])
    np.testing.assert_array_equal(dataset.test.volts.T, dataset.scaling.volts(readings))
    assert dataset.scaling.maximum[0] <= 19
    learned = np.concatenate([dataset.train.volts, dataset.valid.volts], axis=1).T
    whole = dataset.scaling.volts(main.readings)
    np.testing.assert_array_equal(np.unique(learned, axis=0), np.unique(whole, axis=0))
    assert dataset.remarks == ()


def test_labels_are_those_of_the_main_table_however_the_test_table_writes_them(tables, write_csv):
    main = write_csv(MAIN.replace(",0\n", ",1.0\n").replace(",1\n", ",x\n"), "mixed.csv")
    for label in ("1.0", "1"):
        test = write_csv(f"temp,ph,class\n30,9.5,{label}\n", "new.csv")
        dataset = load_dataset(main, test_table=test)
        assert dataset.class_names == ("1.0", "x")
        assert dataset.test.labels.tolist() == [0]


def test_every_class_trains_and_validates(tables):
    dataset = load_dataset(tables[0], test_table=tables[1], split_seed=3)
    assert set(dataset.train.labels) == set(dataset.valid.labels) == {0, 1}


def test_the_fingerprint_covers_the_test_rows(tables, write_csv):
    other = write_csv(TEST.replace("4.5", "4.6"), "other.csv")
    prints = {
        load_dataset(tables[0], test_table=path).fingerprint for path in (None, tables[1], other)
    }
    assert len(prints) == 3


def test_rows_that_were_learned_from_are_counted(tables, write_csv):
    path = write_csv("temp,ph,class\n3,0.4286,1\n3,0.4286,1\n-1,2,1\n", "new.csv")
    told, lacking = load_dataset(tables[0], test_table=path).remarks
    assert f"2 of 3 rows of the test table '{path}'" in told
    assert "no row of the class 0" in lacking


FAULTS = {
    "lacks": ("temp,class\n1,0\n", ["lacks ph", "columns of the main table"]),
    "more": ("temp,ph,rh,class\n1,2,3,0\n", ["has in addition rh"]),
    "both": ("temp,rh,class\n1,2,0\n", ["lacks ph and has in addition rh"]),
    "class": ("temp,ph,class\n1,2,3\n", ["has the class '3' in the column 'class'", "has 0, 1"]),
    "value": ("temp,ph,class\n1,,1\n", ["line 2, column 'ph'", "missing"]),
    "nothing new": ("temp,ph,class\n3,0.4286,1\n", ["all 1 rows", "no new row would be tested"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_fit_is_one_sentence(tables, write_csv, fault):
    text, parts = FAULTS[fault]
    path = write_csv(text, "new.csv")
    with pytest.raises(DatasetError) as caught:
        load_dataset(tables[0], test_table=path)
    for part in (str(path), *parts):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_table_itself_is_no_test_table(tables):
    with pytest.raises(DatasetError, match="no new row would be tested"):
        load_dataset(tables[0], test_table=tables[0])


def test_a_benchmark_has_its_own_test_rows(tables):
    with pytest.raises(DatasetError, match="the test table '.*' was given with the benchmark"):
        load_dataset("iris", test_table=tables[1])


def test_a_hidden_table_has_a_name_that_hides_nothing(write_csv):
    assert load_dataset(write_csv(MAIN, ".readings.csv")).name == "readings"
    assert load_dataset(write_csv(MAIN, "..csv")).name == "table"
