"""Write docs/table.md from the declaration of the table of runs: python tools/table_doc.py"""

from pathlib import Path

from printron.base.columns import Column
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
    first, *others = GOAL_KINDS.values()
    lines = [HEAD, f"Runs with the goal *{first.kind}* (`{first.listed}` in files):"]
    lines += _table((*columns_of(first), *UNDER_CONDITIONS, STORED))
    for kind in others:
        instead = " and ".join(f"`{column.name}`" for column in first.columns)
        lines += ["", f"Runs with the goal *{kind.kind}* (`{kind.listed}`), in place of {instead}:"]
        lines += _table(kind.columns)
    return "\n".join(lines) + "\n"


def _table(columns: tuple[Column, ...]) -> list[str]:
    lines = ["", "| Column | Unit | Meaning | Since |", "|---|---|---|---|"]
    return lines + [
        f"| `{column.name}` | {column.unit} | {column.meaning} | {column.since} |"
        for column in columns
    ]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
