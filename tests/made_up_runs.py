"""A table of runs that nobody trained, for tests of what is made of such tables."""

import numpy as np
import pandas as pd

CAUSES = ("crossbar", "activation", "negation")


def made_up_table(alphas, seeds):
    """Rows as training gives them, with numbers that follow from alpha and seed."""
    alphas, seeds = np.asarray(alphas, float), np.asarray(seeds, int)
    rng = [np.random.default_rng([int(1e6 * a), s]) for a, s in zip(alphas, seeds, strict=True)]
    accuracy = np.array([r.integers(10, 31, 3) / 30 for r in rng])
    power = np.array([r.uniform(0.1, 1.0, 3) for r in rng]) * 1e-3 * (1.1 - alphas[:, None])
    return pd.DataFrame(
        {
            "dataset": "iris",
            "protocol": "clean",
            "split_seed": 0,
            "goal": "weighted power",
            "alpha": alphas,
            "seed": seeds,
            "status": "trained",
            "epoch": 20,
            "accuracy_train": accuracy[:, 0],
            "accuracy_valid": accuracy[:, 1],
            "accuracy_test": accuracy[:, 2],
            **{
                f"balanced_accuracy_{split}": accuracy[:, k]
                for k, split in enumerate(("train", "valid", "test"))
            },
            "merit_valid": accuracy[:, 1],
            "power_crossbar_W": power[:, 0],
            "power_activation_W": power[:, 1],
            "power_negation_W": power[:, 2],
            **{f"power_{c}{k}_W": power[:, i] / 2 for i, c in enumerate(CAUSES) for k in (1, 2)},
            "power_total_W": power.sum(1),
            "power_VDD_W": power[:, 0] + power[:, 1:].sum(1) / 2,
            "power_valid_W": power.sum(1) * 1.01,
            "objective_valid": 1 - accuracy[:, 1],
            "feasible_valid": True,
            "resistors": 33,
            "activations": 6,
            "negations": 8,
            "majority": 1 / 3,
            "P_ref_W": 2e-3,
            "sources": "ideal",
            "epochs": 20,
            "hidden": "3",
            "sharing": "network",
            "activation_cell": "ptanh",
            "negation_cell": "negation",
            "process": "inkjet-egt",
            "dataset_fingerprint": "d",
            "process_fingerprint": "p",
            "activation_fingerprint": "a",
            "negation_fingerprint": "n",
            "printron": "0.1.0",
            "wall_s": 0.1,
        }
    )
