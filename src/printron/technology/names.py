"""Names of nodes, rails and components; names that ngspice or networks reserve are refused.

SPICE ignores case, and so do the checks.

    time, temper, hertz, frequency, alli    reserved by ngspice: no node, no rail
    gnd                                     ground, 0 V by definition: as a rail only
    bias, in, in_minus, out, in3, z1_h2, m1_h2, a1_h2, n1_in3, x_a1_h2
                                            nodes of a cell or a network: no rails
"""

import re
from collections.abc import Iterable, Mapping

from printron.base.sentence import shown
from printron.technology.errors import TechnologyError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
GROUND = "gnd"
LONGEST_NAME = 40  # characters; networks append a position ("_a1_h2")
SPICE_NAMES = frozenset({"time", "temper", "hertz", "frequency", "alli"})
# Words and letters of nodes. They stand here, and `printron.network.names` builds names of them,
# since a process must refuse rails that are called so before any network is there.
BIAS, INPUT, MINUS, OUTPUT = "bias", "in", "in_minus", "out"
COLUMN, MINUS_COLUMN, ACTIVATION, NEGATION = "z", "m", "a", "n"
_NODES = re.compile(
    rf"{BIAS}|{INPUT}|{MINUS}|{OUTPUT}|{INPUT}\d+"
    rf"|[{COLUMN}{MINUS_COLUMN}{ACTIVATION}{NEGATION}]\d+_.*|.*_[{ACTIVATION}{NEGATION}]\d+_.*",
    re.IGNORECASE,
)


def check_name(name: str, what: str) -> None:
    """Refuse a name that SPICE or a file cannot take; `what` says what the name is for.

    Raises
    ------
    TechnologyError : the name, and what is allowed.
    """
    if not NAME.match(name) or len(name) > LONGEST_NAME:
        raise TechnologyError(
            f"got the {what} {shown(name)}; a name has letters, digits and _, begins with a letter "
            f"and has at most {LONGEST_NAME} characters"
        )


def check_node(name: str) -> None:
    """Refuse a node of a cell with a reserved name.

    Raises
    ------
    TechnologyError : the name, and what is wrong with it.
    """
    check_name(name, "node")
    if name.lower() in SPICE_NAMES:
        raise TechnologyError(
            f"got the node '{name}', a name reserved by ngspice; give the node another name"
        )


def check_rails(rails: Mapping[str, float]) -> None:
    """Refuse rails (V, by name) with reserved names, and a ground that is not 0 V.

    Raises
    ------
    TechnologyError : the rail, and what is wrong with it.
    """
    for name, volts in rails.items():
        check_name(name, "rail")
        if name.lower() in SPICE_NAMES or _NODES.fullmatch(name):
            owner = "by ngspice" if name.lower() in SPICE_NAMES else "for nodes of a network"
            raise TechnologyError(
                f"got the rail '{name}', a name reserved {owner}; give the rail another name, vdd "
                "or vss for example"
            )
        if name.lower() == GROUND and name != GROUND:
            raise TechnologyError(f"got the rail '{name}'; write it '{GROUND}'")
        if name == GROUND and volts != 0:
            raise TechnologyError(
                f"got {volts:g} V for the rail '{GROUND}', which is 0 V by definition; give a rail "
                "of another voltage another name"
            )
    check_case(rails, "rails")


def check_case(names: Iterable[str], what: str) -> None:
    """Refuse names that differ only in case.

    Raises
    ------
    TechnologyError : the two names.
    """
    seen: dict[str, str] = {}
    for name in sorted(names):
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise TechnologyError(
                f"got the {what} '{other}' and '{name}', which are the same to SPICE; choose names "
                "that differ in more than upper and lower case"
            )
