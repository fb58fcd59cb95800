"""What leaves for the printer."""

from printron.export.bill import bill, part_counts, write_bill

__all__ = ["bill", "part_counts", "write_bill"]
