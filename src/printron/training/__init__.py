"""Training: thousands of runs as one compiled batch."""

from printron.training.optimise import DIVERGED, TRAINED, Trained, check_alphas, train
from printron.training.schedule import Schedule

__all__ = ["DIVERGED", "TRAINED", "Schedule", "Trained", "check_alphas", "train"]
