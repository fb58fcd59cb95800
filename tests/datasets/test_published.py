"""The published protocol is the published data, row by row."""

import hashlib

import numpy as np
import pytest

from printron.datasets import DatasetError, load_dataset, names
from printron.datasets.published import torch_randperm

PARTS = ("train", "valid", "test")
# Our name and the file of the reference split.
REFERENCE = {
    "acute_inflammation": "acuteinflammation",
    "balance_scale": "balancescale",
    "breast_cancer_wisconsin": "breastcancerwisc",
    "cardiotocography": "cardiotocography3clases",
    "energy_y1": "energyy1",
    "energy_y2": "energyy2",
    "iris": "iris",
    "mammographic_mass": "mammographic",
    "pendigits": "pendigits",
    "seeds": "seeds",
    "tic_tac_toe": "tictactoe",
    "vertebral_2c": "vertebralcolumn2clases",
    "vertebral_3c": "vertebralcolumn3clases",
}


def test_the_benchmarks_are_the_thirteen_of_the_published_table():
    assert names() == tuple(sorted(REFERENCE))


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_published_rows_are_the_reference_rows_in_order(name, raw, shared_datasets):
    with np.load(shared_datasets / "splits" / f"{REFERENCE[name]}.npz") as file:
        volts, labels, split = file["X"], file["y"], file["split"]
    dataset = load_dataset(name, protocol="published", data_dir=raw)
    for number, part in enumerate(PARTS):
        rows = getattr(dataset, part)
        assert rows.volts.dtype == np.float32
        assert rows.labels.dtype == np.int32
        np.testing.assert_array_equal(rows.labels, labels[split == number])
        np.testing.assert_allclose(rows.volts.T, volts[split == number], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_the_names_fit_the_published_arrays(name, raw):
    dataset = load_dataset(name, protocol="published", data_dir=raw)
    assert len(dataset.feature_names) == len(set(dataset.feature_names))
    assert len(dataset.feature_names) == len(dataset.train.volts)
    assert set(dataset.train.labels.tolist()) == set(range(len(dataset.class_names)))


@pytest.mark.parametrize("name", ["cardiotocography", "iris", "pendigits", "seeds"])
def test_the_published_scaling_gives_the_published_volts(name, raw):
    from printron.datasets.catalogue import BENCHMARKS

    benchmark = BENCHMARKS[name]
    readings, _ = benchmark.parse(tuple(raw / file.name for file in benchmark.files))
    if "published" in benchmark.adjust:
        readings = benchmark.adjust["published"](readings)
    if benchmark.standardised:
        readings = readings[1:-1]
    dataset = load_dataset(name, protocol="published", data_dir=raw)
    train = readings[torch_randperm(len(readings), 0)][: len(dataset.train.labels)]
    np.testing.assert_allclose(dataset.scaling.volts(train).T, dataset.train.volts, atol=1e-5)


# Digests over labels and volts (to 1 mV), taken from rows that were equal to the reference.
@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("balance_scale", "6cfdbf0cbc20cd1b"),
        ("iris", "864d7a40ec76fd0d"),
        ("tic_tac_toe", "eb66e2262fe085d1"),
    ],
)
def test_three_published_benchmarks_need_no_file(name, digest):
    dataset = load_dataset(name, protocol="published")
    assert _digest(dataset) == digest


def test_the_shuffle_is_that_of_torch():
    # torch.manual_seed(0); torch.randperm(10), as printed by PyTorch.
    assert torch_randperm(10, 0).tolist() == [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]


@pytest.mark.parametrize("count", [0, 1, 2, 997])
def test_the_shuffle_is_a_permutation(count):
    assert sorted(torch_randperm(count, 3).tolist()) == list(range(count))


def test_the_published_split_has_no_other_seed():
    with pytest.raises(
        DatasetError, match=r"split_seed is 3, but the published protocol has one split"
    ):
        load_dataset("iris", protocol="published", split_seed=3)


def _digest(dataset):
    digest = hashlib.sha256()
    for part in PARTS:
        rows = getattr(dataset, part)
        digest.update(rows.labels.astype("<i4").tobytes())
        digest.update(np.rint(rows.volts * 1000).astype("<i4").tobytes())
    return digest.hexdigest()[:16]
