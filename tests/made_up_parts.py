"""Components of netlists, by nodes and values in the order of SPICE."""

from printron.circuits.netlist import Element
from printron.technology import EGT, LEVEL_SHIFT, RESISTOR, VOLTAGE_SOURCE


def resistor(name, a, b, ohms):
    return Element(name, RESISTOR, (a, b), {"R": ohms})


def egt(name, drain, gate, source, W, L, card):
    return Element(name, EGT, (drain, gate, source), {"W": W, "L": L}, card)


def level_shift(name, source, target, gain, offset):
    return Element(name, LEVEL_SHIFT, (source, target), {"gain": gain, "offset": offset})


def voltage(name, plus, minus, volts):
    return Element(name, VOLTAGE_SOURCE, (plus, minus), {"V": volts})
