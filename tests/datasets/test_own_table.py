"""A user's table: read as it is meant, and each fault told in one sentence."""

import numpy as np
import pytest

from printron.datasets import DatasetError, class_numbers, load_dataset, read_new
from printron.datasets.own_table import read_table


def _table(header="temp,ph,class", classes=("bad", "good"), per_class=6):
    rows = [f"{20 + i},{i / 7:.4f},{classes[i % len(classes)]}" for i in range(per_class * 2)]
    return "\n".join([header, *rows]) + "\n"


def test_the_last_column_is_the_label(write_csv):
    dataset = load_dataset(write_csv(_table()))
    assert dataset.name == "readings"
    assert dataset.protocol == "clean"
    assert dataset.feature_names == ("temp", "ph")
    assert dataset.class_names == ("bad", "good")
    assert dataset.train.volts.shape[0] == 2
    counts = [len(rows.labels) for rows in (dataset.train, dataset.valid, dataset.test)]
    assert sum(counts) == 12


def test_another_column_can_be_the_label(write_csv):
    rows = [f"{'ab'[i % 2]},{i},{i * i}" for i in range(12)]
    path = write_csv("\n".join(["kind,x,y", *rows]))
    table = read_table(path, label="kind")
    assert table.feature_names == ("x", "y")
    np.testing.assert_array_equal(table.readings[:3], [[0, 0], [1, 1], [2, 4]])
    assert table.labels[:3].tolist() == [0, 1, 0]


def test_a_path_as_text_is_a_table_too(write_csv):
    path = write_csv(_table())
    assert load_dataset(str(path)).fingerprint == load_dataset(path).fingerprint


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("10", "9"), ("9", "10")),
        (("1.0", "1", "2"), ("1", "2")),
        (("0.5", "-3"), ("-3", "0.5")),
        (("10", "9", "x"), ("10", "9", "x")),
    ],
)
def test_classes_are_sorted_by_number_or_else_by_name(labels, names, write_csv):
    text = "\n".join(["x,y", *(f"{i},{labels[i % len(labels)]}" for i in range(30))])
    assert read_table(write_csv(text)).class_names == names


def test_windows_text_with_quotes_empty_lines_and_a_mark_is_read(write_csv):
    text = _table().replace("temp,ph,class", '"temp, C", ph ,class').replace("\n", "\r\n")
    table = read_table(write_csv(text + "\r\n\r\n", encoding="utf-8-sig"))
    assert table.feature_names == ("temp, C", "ph")
    assert len(table.labels) == 12


GOOD = _table()
SAME = "\n".join(["x,y", *(f"{'1' if i % 2 else i},{i % 2}" for i in range(20))])
FAULTS = {
    "missing value": (GOOD.replace("22,", ",", 1), ["line 4, column 'temp'", "missing ('')"]),
    "value not known": (GOOD.replace("22,", "NaN,", 1), ["line 4, column 'temp'", "missing"]),
    "not numeric": (GOOD.replace("22,", "hot,", 1), ["line 4, column 'temp'", "got 'hot'"]),
    "infinite": (GOOD.replace("22,", "inf,", 1), ["got 'inf'", "finite number"]),
    "too large": (GOOD.replace("22,", "1e999,", 1), ["got '1e999'", "finite number"]),
    "underscore": (GOOD.replace("22,", "2_2,", 1), ["got '2_2'"]),
    "empty file": ("", ["is empty", "header"]),
    "blank lines": ("\n\n , \n", ["is empty"]),
    "header only": ("x,y\n", ["a header but no row"]),
    "one column": ("x y\n1 2\n", ["one column, 'x y'", "commas, semicolons or tabs"]),
    "no header": (
        "5.1,3.5,setosa\n4.9,3.1,setosa\n",
        ["must name the columns", "column 1 reads '5.1'"],
    ),
    "nameless column": (GOOD.replace("ph", "", 1), ["column 2 of the header has no name"]),
    "short row": (GOOD.replace("22,", "", 1), ["line 4: got 2 cells", "names 3 columns"]),
    "long row": (GOOD.replace("22,", "2,2,", 1), ["line 4: got 4 cells", "names 3 columns"]),
    "no label": (GOOD.replace("bad", "", 1), ["line 2, column 'class'", "label is missing"]),
    "one class": (_table(classes=("good",)), ["all labels are 'good'", "two classes"]),
    "rare class": (
        GOOD.replace("bad", "odd", 1),
        ["class 'odd' has 1 row(s)", "at least 5 different ones are"],
    ),
    "same rows": (SAME, ["class '1' has 10 row(s) with 1 different reading(s)"]),
    "open quote": ('x,y\n1,"a\n', ["cannot be read as CSV (line 3: unexpected end of data)"]),
    "label twice": ("x,class,class\n1,a,b\n2,b,a\n", ["the name of the column 'class_2'"]),
    "thousands": (
        'x,y\n"1,131",a\n957,b\n',
        ["line 2: '1,131' may be a thousand or have a decimal comma"],
    ),
    "two labels": (
        "\n".join(["kind,x,flag", *(f"{'ab'[i % 2]},{i}.5,{i % 2}" for i in range(20))]),
        ["the column 'flag', the last one", "has numbers, where 'kind' may have the classes"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_sentence(fault, write_csv):
    text, parts = FAULTS[fault]
    path = write_csv(text)
    message = _message(path)
    assert str(path) in message
    for part in parts:
        assert part in message


def test_an_unknown_label_column_lists_the_columns(write_csv):
    message = _message(write_csv(GOOD), label="kind")
    assert "no column 'kind'" in message
    assert "temp, ph, class" in message


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert f"there is no file '{tmp_path / 'gone.csv'}'" in _message(tmp_path / "gone.csv")


def test_a_folder_is_not_a_table(tmp_path):
    assert f"cannot read '{tmp_path}'" in _message(tmp_path)


def test_a_cell_beyond_all_measure_is_refused(write_csv):
    assert "cannot be read as CSV (line 2: field larger" in _message(
        write_csv("x,y\n" + "1" * 200_000 + ",a")
    )


def test_a_table_has_no_published_protocol(write_csv):
    assert "for the benchmarks only" in _message(write_csv(GOOD), protocol="published")


def test_new_readings_are_found_by_the_names_of_their_columns(write_csv):
    path = write_csv("class,ph,place,temp\n1.0,7,here,20\n2,8,there,21\n")
    readings, labels, _ = read_new(path, ("temp", "ph"), "class")
    np.testing.assert_array_equal(readings, [[20, 7], [21, 8]])
    assert labels == ["1.0", "2"]  # as written: which class a number names, the classes say
    assert read_new(path, ("ph",))[1] is None
    assert read_new(path, ("ph",), "kind")[1] is None


def test_one_new_reading_of_one_column_suffices(write_csv):
    readings, labels, _ = read_new(write_csv("temp\n20.5\n"), ("temp",))
    assert readings.tolist() == [[20.5]]
    assert labels is None


@pytest.mark.parametrize("extra", ["note,note", "2024,", "ph,temp"])
def test_what_columns_beside_the_wanted_are_called_does_not_matter(write_csv, extra):
    path = write_csv(f"x,y,class,{extra}\n1,2,a,,?\n3,4,,b,c\n")
    readings, labels, _ = read_new(path, ("y", "x"), "class", unlabelled=True)
    assert readings.tolist() == [[2, 1], [4, 3]]
    assert labels == ["a", ""]


@pytest.mark.parametrize(
    ("classes", "labels", "numbers"),
    [
        (("1.0", "x"), ["1.0", "1", "x", "1.00", ""], [0, 0, 1, 0, -1]),
        (("1", "2"), ["2.0", "unknown", "1", " 1"], [1, -1, 0, 0]),
        (("1", "1.0", "x"), ["1", "1.0", "1.00"], [0, 1, -1]),
        (("0.5", "a"), ["5e-1", "A", "nan"], [0, -1, -1]),
    ],
)
def test_a_label_names_the_class_that_is_written_so_or_else_is_that_number(
    classes, labels, numbers
):
    assert class_numbers(labels, classes).tolist() == numbers


NEW = {
    "twice": (
        "temp,ph,x,ph,class\n1,2,3,4,a\n",
        ["several columns have the name of the column 'ph'"],
    ),
    "columns": ("temp,kind\n1,2\n", ["no column 'ph', 'x'", "are temp, kind", "in any order"]),
    "value": ("temp,ph,x\n1,,3\n", ["line 2, column 'ph'", "missing"]),
    "text": ("x,ph,temp\n1,2,hot\n", ["line 2, column 'temp'", "got 'hot'"]),
    "row": ("temp,ph,x\n1,2\n", ["line 2: got 2 cells"]),
    "label": ("temp,ph,x,class\n1,2,3,\n", ["line 2, column 'class'", "label is missing"]),
    "no row": ("temp,ph,x\n", ["a header but no row"]),
}


@pytest.mark.parametrize("fault", NEW)
def test_each_fault_of_new_readings_is_one_sentence(fault, write_csv):
    text, parts = NEW[fault]
    with pytest.raises(DatasetError) as caught:
        read_new(write_csv(text), ("temp", "ph", "x"), "class")
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def _message(path, **options):
    with pytest.raises(DatasetError) as caught:
        load_dataset(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_path_that_no_system_opens_is_one_sentence():
    with pytest.raises(DatasetError, match=r"cannot read 'a\\x00\.csv' \(embedded null byte\)"):
        load_dataset("a\0.csv")
