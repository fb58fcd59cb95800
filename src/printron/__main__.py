"""`python -m printron`: the command line."""

import sys

from printron.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
