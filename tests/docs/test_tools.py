"""Makefile, pre-commit and CONTRIBUTING speak of the same tools."""

import re

from pages import HOUSE, text_of

MAKEFILE = (HOUSE / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.M)


def recipe(target):
    """Lines of a target."""
    (lines,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.M)
    return lines.split("\n")


def test_every_target_is_phony_so_that_no_file_of_its_name_hides_the_target():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.M)
    assert sorted(phony.split()) == sorted(TARGETS)


def test_a_commit_is_checked_by_what_make_lint_runs():
    lint = {line.replace("\t$(BIN)/", "").removesuffix(" .") for line in recipe("lint") if line}
    hooks = (HOUSE / ".pre-commit-config.yaml").read_text("utf-8")
    assert set(re.findall(r"entry: \.venv/bin/(.*)$", hooks, re.M)) == lint
    assert "repo: http" not in hooks  # nothing is downloaded


def test_the_targets_that_contributors_are_told_of_exist():
    told = set(re.findall(r"`make ([a-z-]+)`", text_of("CONTRIBUTING.md")))
    assert told
    assert told <= set(TARGETS)


def test_a_submission_runs_lint_and_both_kinds_of_tests():
    assert re.search(r"^test:.*\blint\b", MAKEFILE, re.M)
    runs = " ".join(recipe("test"))
    assert "pytest" in runs
    assert " -m " not in runs.replace("python -m", "")
    assert "make test" in (HOUSE / ".ci" / "run").read_text("utf-8")
