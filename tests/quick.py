"""The shortest training."""

# The schedule of the other tests too: compiled once.
QUICK = ("--epochs", "20", "--sources", "ideal")
