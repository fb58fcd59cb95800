"""Write docs/table.md from the declaration of the table of runs: python tools/table_doc.py"""

from pathlib import Path

from printron.results.table import STORED, UNDER_CONDITIONS, columns_of
from printron.training.goal import GOAL_KINDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "table.md"
HEAD = """# The table of runs

One row per run, in `results.parquet` and `results.csv` of an experiment or a sweep, and from
`printron.results.load_table`. Written by `tools/table_doc.py` from `printron.results.table`, which
declares every column once. A column with `{layer}` in its name exists once for each layer, with the
layer's number. "Since" is the first format of `config.json` with the column; for older folders the
column is filled on reading. `clear_test` is written for runs with any condition of printing or use,
`copies` and the columns of copies for runs whose copies differ; see
[experiments.md](experiments.md#conditions).
"""


def page() -> str:
    """The page, in Markdown."""
    lines = [HEAD]
    for kind in GOAL_KINDS.values():
        lines += [f"Runs with the goal *{kind.kind}* (`{kind.listed}` in files):", ""]
        lines += ["| Column | Unit | Meaning | Since |", "|---|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.unit} | {column.meaning} | {column.since} |"
            for column in (*columns_of(kind), *UNDER_CONDITIONS, STORED)
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
