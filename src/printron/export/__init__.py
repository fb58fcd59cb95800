"""Export of the finished network, for the printer and for other programs."""

from printron.export.bill import bill, part_counts
from printron.export.formats import FORMATS, Format, format_of

__all__ = ["FORMATS", "Format", "bill", "format_of", "part_counts"]
