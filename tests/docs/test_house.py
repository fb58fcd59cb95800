"""The picture and the page of the house show the rooms that import-linter keeps."""

import importlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from pages import HOUSE, text_of

sys.path.insert(0, str(HOUSE / "tools"))
import house

SVG = HOUSE / "docs" / "images" / "house.svg"


def test_every_folder_of_the_package_is_a_room():
    package = HOUSE / "src" / "printron"
    there = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in package.glob("*.py")} - {"__init__", "__main__"}
    assert there == {room for floor in house.layers() for room in floor}


def test_the_picture_shows_the_rooms_in_the_order_of_their_floors():
    texts = ElementTree.parse(SVG).getroot().iter("{http://www.w3.org/2000/svg}text")
    drawn = [(float(text.get("y")), text.text) for text in texts if text.get("class") == "name"]
    floors = {}
    for y, room in drawn:
        floors.setdefault(y, []).append(room)
    assert [floors[y] for y in sorted(floors)] == house.layers()


def test_the_picture_is_what_its_script_draws():
    command = [sys.executable, str(HOUSE / "tools" / "house.py")]
    drawn = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    assert drawn.stdout == SVG.read_text("utf-8"), "make docs"


def test_the_page_describes_every_room_once_from_the_foundation_up():
    described = re.findall(r"^\| `(\w+)` \|", text_of("docs/architecture.md"), re.M)
    assert sorted(described) == sorted(room for floor in house.layers() for room in floor)
    floor_of = {room: k for k, floor in enumerate(reversed(house.layers())) for room in floor}
    floors = [floor_of[room] for room in described]
    assert floors == sorted(floors)


def test_both_paths_go_through_packages_that_exist():
    rooms = {room for floor in house.layers() for room in floor}
    assert rooms.issuperset(house.READING + house.COMPONENT)
    page = text_of("docs/architecture.md")
    for title, walk in (("a reading", house.READING), ("a component value", house.COMPONENT)):
        section = page.split(f"## The path of {title}\n")[1].split("\n## ")[0]
        steps = re.split(r"^\d+\. ", section, flags=re.M)[1:]
        assert [re.search(r"\*\*(\w+)\*\*", step)[1] for step in steps] == list(walk)


def test_the_functions_that_the_page_names_are_there():
    named = re.findall(r"`(\w+)\.(\w+)`", text_of("docs/architecture.md").split("## Where")[0])
    named = [(room, name) for room, name in named if name != "toml"]
    assert len(named) >= 7
    for room, name in named:
        assert callable(getattr(importlib.import_module(f"printron.{room}"), name)), name
