"""The pages of the documentation, and what stands in them."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path.relative_to(HOUSE).as_posix()
    for path in (*HOUSE.glob("*.md"), *HOUSE.joinpath("docs").rglob("*.md"))
)


def text_of(page):
    return (HOUSE / page).read_text("utf-8")


def blocks(page, language, title=None):
    """The fenced blocks of a language: of a page, or of its section of that title."""
    text = text_of(page)
    if title is not None:
        text = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
