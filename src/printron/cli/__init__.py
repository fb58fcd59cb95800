"""The command line: one function per command, one sentence per error.

`printron COMMAND --json` prints exactly one JSON object on standard output; progress and errors
go to standard error. Exit codes: 0 done; 1 done, but a run diverged or something needed is missing;
2 an error, shown as one sentence (with --json also as {"error": ...}); 3 a fault of printron, shown
with its traceback; 130 stopped by Ctrl-C.
"""

from printron.cli.app import app, main

__all__ = ["app", "main"]
