"""Training: thousands of runs as one compiled batch."""

from printron.training.batch import DIVERGED, TRAINED, Trained, train
from printron.training.blocks import Readings
from printron.training.goal import Budget, Goal, WeightedPower
from printron.training.schedule import Schedule

__all__ = [
    "DIVERGED",
    "TRAINED",
    "Budget",
    "Goal",
    "Readings",
    "Schedule",
    "Trained",
    "WeightedPower",
    "train",
]
