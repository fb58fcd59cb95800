"""Gates draw no current: what a cell's nodes depend on."""

import pytest

from printron.circuits.stages import feeding_stages
from printron.technology import technology

STAGES = {
    "ptanh": (("g1",), ("x",)),
    "negation": (("g1",), ("x",), ("y",)),
    "negation_published": (("x",), ("y",)),
    "ptanh_follower": (("g1",), ("x",), ("y",)),
    "negation_follower": (("g1",), ("x",), ("y",), ("w",)),
    # s carries the transistor's current, g alone does not.
    "negation_divider": (("g",),),
    "clipped_relu": (),
    "pair": (),
    "prelu": (),
}


@pytest.mark.parametrize("name", STAGES)
def test_stages_are_the_nodes_that_the_output_does_not_act_on(name):
    library = technology()
    assert feeding_stages(library.cells[name]) == STAGES[name]
