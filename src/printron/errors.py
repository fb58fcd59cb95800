"""The one base of all errors that a person can mend, and how foreign text is shown to one."""


class PrintronError(ValueError):
    """What was given cannot be used, or what is needed is not there.

    The message is one sentence that says what was got, what is allowed and what to do; a face
    (command line, notebook) may show it to its user as it is. Any other error is a fault of the
    program.
    """


def visible(text: object) -> str:
    r"""Text on one line, in which no character does anything but be seen.

    Names of columns, classes and files are chosen by others. What would move the cursor, colour
    the terminal, reverse the direction of writing or break the line stands there as its escape
    (\x1b, \u202e, \n). Blanks of any width stay.
    """
    return "".join(c if c.isprintable() or c in _BLANKS else _escape(c) for c in str(text))


_BLANKS = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"  # printable, whatever Python says


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
