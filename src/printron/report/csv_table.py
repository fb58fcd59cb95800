"""Tables of a report as CSV files."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from printron.base.files import write_atomically


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically, with eight digits; NaN and infinity become empty cells.

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    finite = table.replace([np.inf, -np.inf], np.nan)
    write_atomically(path, partial(finite.to_csv, index=False, float_format="%.8g"))
