"""Tiles in threads: one thread compiles for all."""

import threading

import numpy as np

from printron.training.tiles import FirstAlone, in_tiles

WAIT_S = 20.0


def test_the_first_goes_alone_and_the_others_side_by_side():
    """Three threads: while the first works nobody else does; then the others meet inside."""
    first, inside, together = FirstAlone(), [], threading.Barrier(2, timeout=WAIT_S)

    def work(members):
        (k,) = members.tolist()
        with first.turn():
            inside.append(k)
            if len(inside) == 1:
                others.wait(0.2)  # time enough for the others to come in
                assert inside == [k]
            else:
                together.wait()
        return np.array([k])

    others = threading.Event()
    assert in_tiles(work, 3, 1, 3).tolist() == [0, 1, 2]
    assert len(inside) == 3


def test_the_others_go_on_where_the_first_fails():
    first = FirstAlone()
    try:
        with first.turn():
            raise ValueError
    except ValueError:
        pass
    with first.turn():
        pass
