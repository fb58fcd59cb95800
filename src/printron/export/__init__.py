"""What leaves for the printer."""

from printron.export.bill import bill, part_counts, write_bill
from printron.export.netlist import FILE_NAME, spice_of, write_spice

__all__ = ["FILE_NAME", "bill", "part_counts", "spice_of", "write_bill", "write_spice"]
