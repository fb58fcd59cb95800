"""What leaves for the printer."""

from printron.export.bill import bill, bill_text, part_counts
from printron.export.netlist import FILE_NAME, spice_of

__all__ = ["FILE_NAME", "bill", "bill_text", "part_counts", "spice_of"]
