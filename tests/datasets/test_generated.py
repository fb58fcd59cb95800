"""What is generated is what the repository's files hold."""

import numpy as np
import pytest

from printron.datasets import generated


def _rows(path):
    return [line.split(",") for line in path.read_text().splitlines() if line]


def test_balance_scale_is_the_raw_file(raw):
    readings, labels = generated.balance_scale()
    rows = _rows(raw / "balance-scale.data")
    assert [
        ["BLR"[k]] + [f"{x:g}" for x in r] for k, r in zip(labels, readings, strict=True)
    ] == rows


def test_tic_tac_toe_is_the_raw_file(raw):
    readings, labels = generated.tic_tac_toe()
    boards = [["xbo"[int(field)] for field in board] for board in readings]
    outcomes = [["negative", "positive"][label] for label in labels]
    ours = [[*board, outcome] for board, outcome in zip(boards, outcomes, strict=True)]
    theirs = _rows(raw / "tic-tac-toe.data")
    assert set(map(tuple, ours)) == set(map(tuple, theirs))
    assert ours == theirs


def test_scikit_learns_iris_with_two_faulty_samples_is_the_raw_file(raw):
    readings, labels = generated.iris()
    classes = ["Iris-setosa", "Iris-versicolor", "Iris-virginica"]
    rows = _rows(raw / "iris.data")
    assert [classes[label] for label in labels] == [row[4] for row in rows]
    theirs = np.array([row[:4] for row in rows], float)
    np.testing.assert_array_equal(generated.iris_as_at_uci(readings), theirs)
    assert np.flatnonzero((readings != theirs).any(axis=1)).tolist() == [34, 37]


@pytest.mark.parametrize(
    ("parse", "counts"),
    [
        (generated.balance_scale, [49, 288, 288]),
        (generated.tic_tac_toe, [332, 626]),
        (generated.iris, [50, 50, 50]),
    ],
)
def test_class_counts_without_any_file(parse, counts):
    readings, labels = parse()
    assert np.bincount(labels).tolist() == counts
    assert readings.dtype == np.float64
    assert labels.dtype == np.int32


def test_swapping_the_arms_of_the_scale_swaps_left_and_right():
    readings, labels = generated.balance_scale()
    answer = {tuple(row): label for row, label in zip(readings.tolist(), labels, strict=True)}
    for (a, b, c, d), label in answer.items():
        assert answer[c, d, a, b] == {0: 0, 1: 2, 2: 1}[label]


def test_turning_the_board_keeps_the_winner():
    readings, labels = generated.tic_tac_toe()
    answer = {tuple(row): label for row, label in zip(readings.tolist(), labels, strict=True)}
    for board, label in answer.items():
        turned = tuple(np.rot90(np.reshape(board, (3, 3))).reshape(-1).tolist())
        assert answer[turned] == label
