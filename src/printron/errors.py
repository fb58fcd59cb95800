"""The base class of all errors that a user can correct, and how foreign text is displayed."""


class PrintronError(ValueError):
    """Input cannot be used, or a requirement is missing.

    The message is one sentence: what was got, what is allowed, what to do. An interface (command
    line, notebook) may show the message unchanged. Any other error is a fault of the program.
    """


def visible(text: object) -> str:
    r"""Text on one line, without characters that act on the terminal.

    Names of columns, classes and files come from others. Characters that would move the cursor,
    colour the terminal, reverse the direction of writing or break the line are replaced by their
    escapes (\x1b, \u202e, \n). Blanks of any width are kept.
    """
    return "".join(c if c.isprintable() or c in _BLANKS else _escape(c) for c in str(text))


_BLANKS = (
    "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"  # printable, although str.isprintable denies it
)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
