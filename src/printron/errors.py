"""The one base of all errors that a person can mend."""


class PrintronError(ValueError):
    """What was given cannot be used, or what is needed is not there.

    The message is one sentence that says what was got, what is allowed and what to do; a face
    (command line, notebook) may show it to its user as it is. Any other error is a fault of the
    program.
    """
