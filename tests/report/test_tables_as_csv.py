"""Tables of reports hold finite numbers or nothing."""

import numpy as np
import pandas as pd

from printron.report.csv_table import write_csv


def test_what_is_not_finite_is_an_empty_cell(tmp_path):
    table = pd.DataFrame(
        {"name": ["a", "inf", "c"], "saving": [np.inf, -np.inf, 1 / 3], "runs": [1, 2, 3]}
    )
    table["power"] = [np.nan, 2.0, 1e-9]
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == (
        "name,saving,runs,power\na,,1,\ninf,,2,2\nc,0.33333333,3,1e-09\n"
    )
