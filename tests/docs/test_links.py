"""Every page leads to files and headings that are there, and its commands exist."""

import re
import shlex
from functools import cache

import pytest
import typer
from pages import HOUSE, PAGES, blocks, text_of

from printron.cli.app import app


def links(page):
    """Targets of a page's links and pictures, without those that leave the house."""
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.M | re.S)
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose))
    return [target for target in found if not target.startswith(("http", "mailto:"))]


def anchors(text):
    """Names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (HOUSE / page).parent / path if path else HOUSE / page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), target


def test_every_page_is_reached_from_the_readme():
    seen, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        for target in links(page):
            path = ((HOUSE / page).parent / target.partition("#")[0]).resolve()
            name = path.relative_to(HOUSE).as_posix() if path.is_relative_to(HOUSE) else ""
            if name in PAGES and name not in seen:
                ahead.append(name)
    assert set(PAGES) - seen == set()


@cache
def command_tree():
    return typer.main.get_command(app)


def options_of(words):
    """Names of the options of a command, found by its first words; all names of its group."""
    command = command_tree()
    for word in words:
        if not hasattr(command, "commands") or word not in command.commands:
            break
        command = command.commands[word]
    assert not hasattr(command, "commands") or len(words) <= 1 or not command.commands, words
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


def typed(page):
    """Every command line of printron in a page's shell blocks, in words."""
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["printron"]:
                yield words[1:]


@pytest.mark.parametrize("page", [page for page in PAGES if any(typed(page))])
def test_commands_and_options_of_a_page_exist(page):
    for words in typed(page):
        if words[0].startswith("-"):
            continue
        known = options_of(words) | {"--help", "-h"}
        used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert used <= known, words
