"""What classifiers in software reach on the same rows: the price of printing."""

import warnings
from typing import Any

import numpy as np

from printron.results import Problem


def _classifiers() -> dict[str, Any]:
    """By name; each with its usual settings, and every random number fixed."""
    # Takes a second to import; a command that ends with an error needs none of them.
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "support vector machine": make_pipeline(StandardScaler(), SVC()),
        # As many neurons as a printed layer has at most.
        "neural network": make_pipeline(
            StandardScaler(), MLPClassifier((16,), max_iter=500, random_state=0)
        ),
        "random forest": RandomForestClassifier(random_state=0),
        "gradient boosting": HistGradientBoostingClassifier(random_state=0),
    }


def software_of(problem: Problem) -> dict[str, Any]:
    """The classifier of scikit-learn that is best on the validation rows, trained on the training
    rows: its name, and its accuracies by split. Of equal ones the first.

    Returns
    -------
    {name, accuracy, valid, all: {name: validation accuracy}}; `accuracy` is on the test rows.
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    rows = {name: (np.asarray(v, float).T, y) for name, (v, y) in problem.rows.items()}
    # Threads of boosting wait for each other in loops: beside other work 1.5 s become 40.
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        # A network that would learn longer counts as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = {name: each.fit(*rows["train"]) for name, each in _classifiers().items()}
    valid = {name: float(each.score(*rows["valid"])) for name, each in fitted.items()}
    best = max(valid, key=lambda name: valid[name])
    return {
        "name": best,
        "accuracy": float(fitted[best].score(*rows["test"])),
        "valid": valid[best],
        "all": valid,
    }
