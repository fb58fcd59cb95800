"""Benchmarks that need no file: two follow from their definition, one ships with scikit-learn.

Same form as in `parsers`: ``readings`` float64 [samples, features], ``labels`` int32 [samples],
the rows in the order of the file of the UCI repository. ``paths`` is empty and not used.
"""

from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from printron.datasets.parsers import Parsed

_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
_X, _BLANK, _O = 0, 1, 2

# Samples (counted from 0) in which UCI's iris.data differs from Fisher's paper; scikit-learn has
# Fisher's values. UCI names both samples in iris.names (https://doi.org/10.24432/C56C76).
_IRIS_AT_UCI = {34: (4.9, 3.1, 1.5, 0.1), 37: (4.9, 3.1, 1.5, 0.1)}


def balance_scale(paths: tuple[Path, ...] = ()) -> Parsed:
    """All 625 scales with weights and distances of 1 to 5; the label says which side sinks.

    Columns: left weight, left distance, right weight, right distance. The classes are balanced
    (equal torques), left, right.
    """
    readings = np.array(list(product(range(1, 6), repeat=4)), np.float64)
    torque = readings[:, 0] * readings[:, 1] - readings[:, 2] * readings[:, 3]
    labels = np.where(torque == 0, 0, np.where(torque > 0, 1, 2))
    return readings, labels.astype(np.int32)


def tic_tac_toe(paths: tuple[Path, ...] = ()) -> Parsed:
    """All 958 final boards of games that x began; the label says whether x has won.

    A field is 0 (x), 1 (blank) or 2 (o); fields row by row from the top left. The file lists the
    boards won by x, then those won by o, then the draws, each block in lexicographic order with
    x < o < blank.
    """
    blocks: dict[str, list[tuple[int, ...]]] = {"x": [], "o": [], "draw": []}
    for board in product((_X, _O, _BLANK), repeat=9):
        outcome = _outcome(board)
        if outcome is not None:
            blocks[outcome].append(board)
    boards = blocks["x"] + blocks["o"] + blocks["draw"]
    labels = np.zeros(len(boards), np.int32)
    labels[: len(blocks["x"])] = 1
    return np.array(boards, np.float64), labels


def _outcome(board: tuple[int, ...]) -> str | None:
    """The outcome, if a game can end with this board; otherwise None."""
    lead = board.count(_X) - board.count(_O)
    x_wins, o_wins = _has_line(board, _X), _has_line(board, _O)
    # x begins, so x is one ahead when x has moved last; a game stops at the first line of three.
    if x_wins and not o_wins and lead == 1:
        return "x"
    if o_wins and not x_wins and lead == 0:
        return "o"
    if not x_wins and not o_wins and _BLANK not in board and lead == 1:
        return "draw"
    return None


def _has_line(board: tuple[int, ...], player: int) -> bool:
    return any(all(board[field] == player for field in line) for line in _LINES)


def iris(paths: tuple[Path, ...] = ()) -> Parsed:
    """The iris data of scikit-learn, with the values of Fisher's paper."""
    from sklearn.datasets import load_iris

    readings, labels = load_iris(return_X_y=True)
    return np.array(readings, np.float64), np.array(labels, np.int32)


def iris_as_at_uci(readings: NDArray[np.float64]) -> NDArray[np.float64]:
    """The iris data with the two faulty samples of UCI's file, which the published work used."""
    faulty = readings.copy()
    for sample, values in _IRIS_AT_UCI.items():
        faulty[sample] = values
    return faulty
