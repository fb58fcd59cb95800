"""Names, protocols and what must not be combined."""

import subprocess
import sys

import pytest

from printron.datasets import DatasetError, available, describe, load_dataset, names


@pytest.mark.parametrize(
    ("got", "near"),
    [("irs", "iris"), ("Balance-Scale", "balance_scale"), ("vertebral2c", "vertebral_2c")],
)
def test_an_unknown_name_suggests_the_nearest(got, near):
    with pytest.raises(DatasetError) as caught:
        load_dataset(got)
    message = str(caught.value)
    assert f"there is no data set '{got}' (did you mean '{near}'?)" in message
    assert ", ".join(names()) in message
    assert ".csv" in message


def test_a_name_unlike_all_gets_no_suggestion():
    with pytest.raises(DatasetError, match="no data set 'qqqqqq': the benchmarks are acute_"):
        load_dataset("qqqqqq")


def test_an_unknown_protocol_names_the_protocols():
    with pytest.raises(DatasetError, match="no protocol 'Clean': the protocols are clean, publi"):
        load_dataset("iris", protocol="Clean")


def test_a_benchmark_has_its_own_test_rows():
    with pytest.raises(DatasetError, match="the benchmark 'iris', whose test rows are fixed: "):
        load_dataset("iris", test_table="new.csv")


def test_a_label_cannot_be_chosen_in_a_benchmark():
    with pytest.raises(
        DatasetError, match="the label 'species' was given with the benchmark 'iris'"
    ):
        load_dataset("iris", label="species")


def test_clean_is_the_default():
    assert load_dataset("iris").protocol == "clean"
    assert load_dataset("iris").fingerprint == load_dataset("iris", protocol="clean").fingerprint


@pytest.mark.parametrize("name", names())
def test_every_benchmark_is_described(name):
    benchmark = describe(name)
    assert benchmark.name == name
    assert benchmark.title
    assert len(benchmark.citation) > 40
    assert len(benchmark.class_names) >= 2
    assert all(len(file.sha256) == 64 for file in benchmark.files)


@pytest.mark.parametrize("name", names())
def test_listed_rows_are_those_of_the_data(name, request):
    benchmark = describe(name)
    raw = request.getfixturevalue("raw") if benchmark.files else None
    paths = tuple(raw / file.name for file in benchmark.files)
    assert len(benchmark.parse(paths)[1]) == benchmark.rows


def test_without_files_only_what_needs_none_is_available():
    there = {name for name in names() if available(name)}
    assert there == {"balance_scale", "iris", "tic_tac_toe"}
    with pytest.raises(DatasetError, match="did you mean 'iris'"):
        available("irs")


def test_with_its_files_everything_is_available(raw, monkeypatch, tmp_path):
    assert all(available(name, raw) for name in names())
    monkeypatch.setenv("PRINTRON_DATA_DIR", str(raw))
    assert all(available(name) for name in names())
    # A folder that is not there is refused by `load_dataset`, whatever the other one holds.
    assert not available("seeds", tmp_path / "gone")


def test_the_import_brings_no_heavy_library():
    heavy = ("jax", "pandas", "sklearn", "scipy", "pooch", "xlrd", "openpyxl")
    code = f"import sys, printron.datasets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
