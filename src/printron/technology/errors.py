"""Errors of technology files."""

from printron.errors import PrintronError


class TechnologyError(PrintronError):
    """A process or cell file cannot be used; the message names the key and says what to do."""
