"""The shortest training."""

QUICK = ("--epochs", "20")  # the schedule of the other tests too: compiled once
