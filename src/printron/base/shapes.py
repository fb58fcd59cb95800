"""Arrays, and the names of their axes in the shapes that signatures state.

| axis | of what |
|---|---|
| inputs | rows of a crossbar that are fed: the network's inputs, or the neurons before |
| rows | all rows of a crossbar: inputs, bias, ground; rows = inputs + 2 |
| driven | rows that need a voltage, all but ground: inputs + 1 |
| neurons | of a layer |
| columns | of a crossbar: one a neuron, or two where activation circuits have two inputs |
| classes | outputs of the network: the columns of its last crossbar |
| layers | crossbars of a network, from the inputs on |
| samples | readings that are evaluated together |
| blocks | equal parts that readings are cut into |
| circuits | of one kind in a layer, those that are designed: 1 where all are alike |
| instances | the same, those that are printed: each deviates on its own |
| variables | design variables of a cell |
| some | those of the blocks that a step sees |
| tries | variants of a circuit of which the best is kept |
| next | columns of the next layer |
| nodes | unknown voltages of a circuit |
| designs, points | of a sweep: circuits, and input voltages in their order |
| batch | any shape: operating points that are solved together |

A name stands for one length within a call; `#` before a name also allows 1, `*` any number of axes.
Functions see one run; batches of runs are mapped over outside.
"""

import numpy as np
from jax import Array

AnyArray = Array | np.ndarray
