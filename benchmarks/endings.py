"""How a benchmark ends where something that it needs is not there: one sentence, exit code 2."""

import sys
from collections.abc import Callable

from printron.cli.faults import INTERRUPTED, complain, sentence_of
from printron.cli.streams import prepare


def ending(main: Callable[[], None]) -> None:
    """Run a benchmark. What a person can mend is told in a sentence; faults are raised.

    Raises
    ------
    SystemExit : with code 2 after a sentence, 130 after Ctrl-C.
    """
    prepare()
    try:
        main()
    except KeyboardInterrupt:
        complain("stopped", as_json=False)
        sys.exit(INTERRUPTED)
    except Exception as error:
        sentence = sentence_of(error)
        if isinstance(error, ModuleNotFoundError):
            sentence = f"{error.name} is not installed; pip install 'printron[test,benchmark]'"
        if sentence is None:
            raise
        complain(sentence, as_json=False)
        sys.exit(2)
