"""Declaration of commands: records of options, and paths on this machine."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints

from printron.cli.faults import Interrupted


def on_this_machine(what: str) -> Callable[[Any], Any]:
    """A typer callback: local paths from paths with ~ and file URLs; other words ("iris") stay."""

    def path_of(text: str) -> str:
        from printron.base.place import path_here

        return path_here(text, what) if text.startswith("~") or ":" in text else text

    def expanded(value: Any) -> Any:
        return [path_of(each) for each in value] if isinstance(value, list) else path_of(value)

    return lambda value: expanded(value) if value else value


def with_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let a command take records of options: each field of a record becomes an option.

    The command names the records in its signature; typer sees their fields instead.
    """
    hints = get_type_hints(command, include_extras=True)
    seen: list[inspect.Parameter] = []
    records: dict[str, type[Any]] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if not is_dataclass(kind) or not isinstance(kind, type):
            seen.append(parameter.replace(annotation=kind))
            continue
        records[name] = kind
        types = get_type_hints(kind, include_extras=True)
        seen += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=types[field.name],
            )
            for field in fields(kind)
        ]

    @wraps(command)
    def expanded(**given: Any) -> int:
        gathered = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in records.items()
        }
        try:
            return command(**given, **gathered)
        except KeyboardInterrupt:
            raise Interrupted("stopped; unfinished results were not written") from None

    seen.sort(key=lambda parameter: parameter.kind)
    expanded.__signature__ = inspect.Signature(seen)  # type: ignore[attr-defined]
    expanded.__annotations__ = {parameter.name: parameter.annotation for parameter in seen}
    return expanded
