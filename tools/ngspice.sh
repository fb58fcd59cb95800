#!/bin/sh
# Make sure that ngspice is there for the tests; install it from the distribution where that is allowed.
command -v ngspice >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then SUDO=""; elif sudo -n true 2>/dev/null; then SUDO="sudo"; else SUDO="none"; fi
    if [ "$SUDO" != none ]; then
        { $SUDO apt-get update -qq && $SUDO apt-get install -y -qq ngspice; } >/dev/null 2>&1
        command -v ngspice >/dev/null 2>&1 && exit 0
    fi
fi
echo "ngspice is not installed and could not be installed here; install it (on Debian: apt-get install ngspice). The tests that need it are skipped by name." >&2
exit 0
