"""Terms of printed copies that nobody solved."""

import numpy as np

from printron.network import Power
from printron.training.terms import Terms


def made_terms(clear, accuracy=None, power=None, solved=None):
    """Terms of copies with these accuracies, powers and shares of solved rows, all of one class."""
    clear = np.asarray(clear, np.float64)
    watts = np.full(len(clear), 1e-4) if power is None else np.asarray(power)
    zero = np.zeros((len(clear), 1))
    right = clear if accuracy is None else np.asarray(accuracy)
    return Terms(
        clear,
        right,
        Power(watts[:, None], zero, zero),
        clear,
        right[:, None],
        clear[:, None],
        np.ones(len(clear)) if solved is None else np.asarray(solved),
    )
