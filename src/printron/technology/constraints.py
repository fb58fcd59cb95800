"""Constraints between the design variables of a cell: products compared by < or >."""

import re
from dataclasses import dataclass

import numpy as np

from printron.base.quantity import decimal
from printron.base.sentence import shown
from printron.technology.errors import TechnologyError

LONGEST_CONSTRAINT = 200  # characters


@dataclass(frozen=True)
class Constraint:
    """factor · Π q^power > 1: in the logarithm of the design variables, a half-space.

    Attributes
    ----------
    text : as written.  powers : exponent of each design variable, [n].  log_factor : ln(factor).
    """

    text: str
    powers: tuple[int, ...]
    log_factor: float


def parse_constraint(text: str, variables: tuple[str, ...]) -> Constraint:
    """Parse a constraint like "R1 R4 > 2 R2 R3", or with <, between the design variables.

    Raises
    ------
    TechnologyError : the constraint, and what is wrong with it.
    """
    sides = re.split(r"[<>]", text)
    if len(sides) != 2 or len(text) > LONGEST_CONSTRAINT:
        raise TechnologyError(
            f"got the constraint {shown(text)}; write two products of design variables with one < "
            f"or > between them, at most {LONGEST_CONSTRAINT} characters"
        )
    if "<" in text:
        sides.reverse()
    powers, factor = [0] * len(variables), 1.0
    for sign, side in zip((1, -1), sides, strict=True):
        for token in re.split(r"\s*\*\s*|\s+", side.strip()):
            if token in variables:
                powers[variables.index(token)] += sign
                continue
            number = decimal(token)
            if number is None:
                raise TechnologyError(
                    f"got {token!r} in the constraint {text!r}; the design variables are "
                    f"{', '.join(variables)}"
                )
            factor *= number if sign > 0 or not number else 1 / number
    if not 0 < factor < np.inf or not any(powers):
        raise TechnologyError(f"got the constraint {text!r}; it must compare positive products")
    return Constraint(text, tuple(powers), float(np.log(factor)))
