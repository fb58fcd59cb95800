"""Draw the picture of the house: its rooms in the order that import-linter keeps.

    python tools/house.py > docs/images/house.svg

Rooms and their order come from pyproject.toml, what each room knows from its docstring. A room
imports only from rooms below.
"""

import ast
import re
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

HOUSE = Path(__file__).resolve().parents[1]
# Rooms on the way of a reading from the table to a point in a figure, and of a component value
# from the range that can be printed to the netlist.
READING = ("datasets", "network", "training", "results", "analysis", "signoff", "report")
COMPONENT = ("technology", "characterization", "training", "network", "export", "circuits")
WIDTH, GAP, LEFT = 940, 8, 40
ALONE, SHARED = 34, 64  # heights of a floor that is one room, and of one with several
READING_COLOUR, COMPONENT_COLOUR = "#0072b2", "#d55e00"


def layers() -> list[list[str]]:
    """Rooms by floors, from the top of the house to its foundation."""
    config = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["type"] == "layers"]
    floors = [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]
    return [floor for floor in floors if floor != ["__main__"]]


def knows(room: str) -> str:
    """First sentence of a room's docstring, without its end."""
    folder = HOUSE / "src" / "printron" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    sentence = re.split(r"\.(?:\s|$)", " ".join(text.split()), maxsplit=1)[0]
    known = re.sub(rf"^{room}: ", "", sentence, flags=re.IGNORECASE)
    return known[:1].upper() + known[1:]


def badge(x: int, y: int, number: int, colour: str) -> str:
    """A numbered dot."""
    return (
        f'<circle cx="{x}" cy="{y}" r="9" fill="{colour}"/>'
        f'<text x="{x}" y="{y + 4}" class="badge">{number}</text>'
    )


def lines_of(text: str, letters: int) -> list[str]:
    """Text in at most two lines, the second cut off where it is too long."""
    first, rest = "", text.split()
    while rest and len(first) + 1 + len(rest[0]) <= letters:
        first += f" {rest.pop(0)}"
    second = " ".join(rest)
    if len(second) > letters:
        second = second[: letters - 1].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    return [line for line in (first.strip(), second) if line]


def box(room: str, x: int, y: int, width: int, alone: bool) -> str:
    """A room with its name, what it knows, and its stations on the two walks."""
    height = ALONE if alone else SHARED
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" class="room"/>',
        f'<text x="{x + 10}" y="{y + 21}" class="name">{room}</text>',
    ]
    at, letters, first = (x + 150, 105, 21) if alone else (x + 10, 44, 39)
    for k, line in enumerate(lines_of(knows(room), letters)[: 1 if alone else 2]):
        parts.append(f'<text x="{at}" y="{y + first + 15 * k}" class="knows">{escape(line)}</text>')
    right = x + width - 16
    for walk, colour, shift in ((READING, READING_COLOUR, 0), (COMPONENT, COMPONENT_COLOUR, 22)):
        if room in walk:
            parts.append(badge(right - shift, y + 17, walk.index(room) + 1, colour))
    return "".join(parts)


def drawing() -> str:
    """The SVG."""
    floors = layers()
    parts, bottom = [], GAP
    for floor in floors:
        width, alone = (WIDTH - GAP * (len(floor) - 1)) // len(floor), len(floor) == 1
        parts += [
            box(room, LEFT + j * (width + GAP), bottom, width, alone)
            for j, room in enumerate(floor)
        ]
        bottom += (ALONE if alone else SHARED) + GAP
    arrow = f"M 20 {GAP + 4} V {bottom - 18} m -6 -9 l 6 9 l 6 -9"
    legend = [
        badge(LEFT + 10, bottom + 14, 1, READING_COLOUR),
        f'<text x="{LEFT + 26}" y="{bottom + 18}" class="knows">the path of a reading</text>',
        badge(LEFT + 200, bottom + 14, 1, COMPONENT_COLOUR),
        f'<text x="{LEFT + 216}" y="{bottom + 18}" class="knows">that of a component value</text>',
        f'<text x="{LEFT + 430}" y="{bottom + 18}" class="knows">arrow: imports; packages '
        "on one level do not import each other</text>",
    ]
    style = (
        "text{font-family:sans-serif}.name{font-size:14px;font-weight:bold;fill:#222}"
        ".knows{font-size:12px;fill:#444}.badge{font-size:11px;fill:#fff;text-anchor:middle}"
        ".room{fill:#f4f4f0;stroke:#999}"
    )
    size = (WIDTH + LEFT + 20, bottom + 34)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
            f'width="{size[0]}" height="{size[1]}">',
            f"<title>The house of printron</title><style>{style}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            f'<path d="{arrow}" fill="none" stroke="#666" stroke-width="2"/>',
            *parts,
            *legend,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    print(drawing(), end="")
