"""Terms of printed copies that nobody solved."""

import numpy as np

from printron.network import Power
from printron.training.terms import Terms


def made_terms(clear, accuracy=None, power=None):
    """Terms of copies with these accuracies and powers."""
    clear = np.asarray(clear, np.float64)
    watts = np.full(len(clear), 1e-4) if power is None else np.asarray(power)
    zero = np.zeros((len(clear), 1))
    return Terms(
        clear,
        clear if accuracy is None else np.asarray(accuracy),
        Power(watts[:, None], zero, zero),
        clear,
    )
