"""What nodes, rails and components may be called: the names that SPICE and networks take.

SPICE does not tell upper from lower case, so the checks do not either.

    time, temper, hertz, frequency, alli    ngspice keeps these for itself: no node, no rail
    gnd                                     ground, 0 V by definition: as a rail only
    bias, in, out, in3, z1_h2, a1_h2, n1_in3, x_a1_h2
                                            nodes of a cell or a network: no rails
"""

import re
from collections.abc import Iterable, Mapping

from printron.base.sentence import short
from printron.technology.errors import TechnologyError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
GROUND = "gnd"
LONGEST_NAME = 40  # letters; a network appends where a node or component stands ("_a1_h2")
SPICE_NAMES = frozenset({"time", "temper", "hertz", "frequency", "alli"})
# Nodes of a cell, and of a network (see `printron.network.parts`): inputs, bias, columns, outputs
# and inner nodes of circuits.
_NODES = re.compile(r"bias|in|out|in\d+|[zan]\d+_.*|.*_[an]\d+_.*", re.IGNORECASE)


def check_name(name: str, what: str) -> None:
    """Refuse a name that SPICE or a file cannot take; `what` it names leads the sentence.

    Raises
    ------
    TechnologyError : the name, and what is allowed.
    """
    if not NAME.match(name) or len(name) > LONGEST_NAME:
        raise TechnologyError(
            f"got the {what} {short(name)}; letters, digits and _ are allowed, the first must be a "
            f"letter, {LONGEST_NAME} in all"
        )


def check_node(name: str) -> None:
    """Refuse a node of a cell whose name means something else.

    Raises
    ------
    TechnologyError : the name, and what is wrong with it.
    """
    check_name(name, "node")
    if name.lower() in SPICE_NAMES:
        raise TechnologyError(
            f"got the node '{name}', a name that ngspice keeps for itself; give the node another "
            "name"
        )


def check_rails(rails: Mapping[str, float]) -> None:
    """Refuse rails (V, by name) whose names mean something else, and a ground that is not 0 V.

    Raises
    ------
    TechnologyError : the rail, and what is wrong with it.
    """
    for name, volts in rails.items():
        check_name(name, "rail")
        if name.lower() in SPICE_NAMES or _NODES.fullmatch(name):
            whose = "ngspice" if name.lower() in SPICE_NAMES else "a network"
            raise TechnologyError(
                f"got the rail '{name}', a name that {whose} keeps for itself; give the rail "
                "another name, vdd or vss for example"
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
    """Refuse names that differ by upper and lower case alone.

    Raises
    ------
    TechnologyError : the two names.
    """
    seen: dict[str, str] = {}
    for name in sorted(names):
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise TechnologyError(
                f"got the {what} '{other}' and '{name}', which SPICE does not tell apart; "
                "let them differ by more than upper and lower case"
            )
