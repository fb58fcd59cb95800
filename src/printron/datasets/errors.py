"""Errors of data sets."""

from printron.errors import PrintronError


class DatasetError(PrintronError):
    """A data set cannot be loaded.

    The message is one sentence for the user: what was got, what is allowed and what to do.
    """
