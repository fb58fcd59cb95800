"""Which code decides what a run learns, and a hash of what that code does.

The hash is of the syntax trees: comments, formatting, docstrings and the words of errors may change
without a new hash. Data files are not hashed here: processes, cells, surrogates and rows
have fingerprints of their own in every configuration.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from printron import __version__

# Folders and files whose code decides what a run learns and what its row says. Not base, whose only
# numbers are quantities: the fingerprints of processes and cells contain them. Not results, which
# stores. Of experiments: what trains a batch, not how runs are divided into batches.
DECIDING = (
    "technology", "circuits", "characterization", "network", "datasets", "training",
    "experiments/measured.py", "experiments/supply.py",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of everything that decides the results; equal for equal code."""
    return {
        "printron": __version__,
        "code": code_fingerprint(),
        "jax": version("jax"),
        "jaxlib": version("jaxlib"),
    }


@cache
def code_fingerprint() -> str:
    """A short hash of the code that decides what a run learns; see `fingerprint_of`."""
    return fingerprint_of(files("printron"))


def fingerprint_of(package: Traversable) -> str:
    """A short hash of what the deciding code of a package does, in all folders below.

    Raises
    ------
    FileNotFoundError : the package lacks one of `DECIDING`.
    """
    summed = hashlib.sha256()
    for name in DECIDING:
        for path, source in _sources(package.joinpath(name), name):
            tree = _Meaning().visit(ast.parse(source.read_bytes()))
            summed.update(f"{path}\n{_written(tree)}\n".encode())
    return summed.hexdigest()[:16]


def _sources(place: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    """Every Python file at or below a place, in the order of their paths."""
    if place.is_dir():
        for inside in sorted(place.iterdir(), key=lambda each: each.name):
            if inside.is_dir() or inside.name.endswith(".py"):
                yield from _sources(inside, f"{name}/{inside.name}")
    elif place.is_file():
        yield name, place
    else:
        raise FileNotFoundError(2, "code that decides results is missing", name)


class _Meaning(ast.NodeTransformer):
    """Removes from a syntax tree what decides no result: docstrings, annotations, and words of
    errors where they are raised."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Remove the docstring of a module, class, function or attribute."""
        wordy = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if wordy else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return _NoWords().visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = _NoWords().visit(node.annotation)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Remove the words that say what a column of a table means."""
        if isinstance(node.func, ast.Name) and node.func.id == "Column":
            node.args[2:3] = [_NoWords().visit(each) for each in node.args[2:3]]
        return self.generic_visit(node)


class _NoWords(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("")

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


def _written(node: Any) -> str:
    """A syntax tree as text, equal in every version of Python; `ast.dump` shows empty fields, of
    which later versions have more."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({', '.join(f'{k}={_written(v)}' for k, v in fields)})"
    if isinstance(node, list):
        return f"[{', '.join(map(_written, node))}]"
    return repr(node)
