"""The shortest training."""

from printron.training import Schedule

# On the command line and from Python the same: compiled once for all tests.
QUICK = ("--epochs", "20", "--starts", "1", "--sources", "ideal")
QUICK_SCHEDULE = Schedule(epochs=20, starts=1)
# Against the loaded circuit.
QUICK_LOADED = ("--epochs", "20", "--starts", "1", "--loaded-epochs", "20")
# The published cells, for train and sweep.
PUBLISHED = ("--preset", "published", *QUICK)
PUBLISHED_LOADED = ("--preset", "published", *QUICK_LOADED)
