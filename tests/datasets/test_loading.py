"""Names, protocols and what must not be combined."""

import subprocess
import sys

import pytest

from printron.datasets import DatasetError, describe, load, names


@pytest.mark.parametrize(
    ("got", "near"),
    [("irs", "iris"), ("Balance-Scale", "balance_scale"), ("vertebral2c", "vertebral_2c")],
)
def test_an_unknown_name_suggests_the_nearest(got, near):
    with pytest.raises(DatasetError) as caught:
        load(got)
    message = str(caught.value)
    assert f"there is no data set '{got}' (did you mean '{near}'?)" in message
    assert ", ".join(names()) in message
    assert ".csv" in message


def test_a_name_unlike_all_gets_no_suggestion():
    with pytest.raises(DatasetError, match="no data set 'qqqqqq': the benchmarks are acute_"):
        load("qqqqqq")


def test_an_unknown_protocol_names_the_protocols():
    with pytest.raises(DatasetError, match="no protocol 'Clean': the protocols are clean, publi"):
        load("iris", protocol="Clean")


def test_a_label_cannot_be_chosen_in_a_benchmark():
    with pytest.raises(DatasetError, match="label='species' was given with the benchmark 'iris'"):
        load("iris", label="species")


def test_clean_is_the_default():
    assert load("iris").protocol == "clean"
    assert load("iris").fingerprint == load("iris", protocol="clean").fingerprint


@pytest.mark.parametrize("name", names())
def test_every_benchmark_is_described(name):
    benchmark = describe(name)
    assert benchmark.name == name
    assert benchmark.title
    assert len(benchmark.citation) > 40
    assert len(benchmark.class_names) >= 2
    assert all(len(file.sha256) == 64 for file in benchmark.files)


def test_the_import_brings_no_heavy_library():
    heavy = ("jax", "pandas", "sklearn", "scipy", "pooch", "xlrd", "openpyxl")
    code = f"import sys, printron.datasets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
