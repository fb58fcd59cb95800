"""The one error of this room."""

from printron.errors import PrintronError


class DatasetError(PrintronError):
    """A data set cannot be given as asked.

    The message is one sentence that says what was got, what is allowed and what to do; a face
    (command line, notebook) may show it to its user as it is.
    """
