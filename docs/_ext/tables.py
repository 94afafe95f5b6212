"""Tables of the reference, from the files and the code that state them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from savedmodel_matrix.commands.cli import GROUPS, main
from savedmodel_matrix.model.table import COLUMNS, STAGES, STATUSES

if TYPE_CHECKING:
    from pathlib import Path


def schema(file: Path) -> str:
    """Return the members of a JSON schema as Markdown, a table for each object in it."""
    stated = json.loads(file.read_text(encoding="utf-8"))
    known = stated["$defs"]
    parts = [
        _table(name, one["properties"], known) for name, one in known.items() if _is_object(one)
    ]
    return "\n".join(parts)


def _is_object(stated: dict[str, Any]) -> bool:
    return "properties" in stated


def _table(name: str, members: dict[str, Any], known: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_kind(one, known)} | {_says(one, known)} |" for key, one in members.items()
    ]
    head = ["| member | type | meaning |", "| --- | --- | --- |"]
    return "\n".join([f"### `{name}`\n", *head, *rows, ""])


def _kind(stated: dict[str, Any], known: dict[str, Any]) -> str:
    """Return a member's type in words; an object that has a table of its own by its name."""
    if "$ref" in stated:
        name = stated["$ref"].rpartition("/")[2]
        return f"`{name}`" if _is_object(known[name]) else _kind(known[name], known)
    if "enum" in stated:
        return ", ".join(f"`{json.dumps(one)}`" for one in stated["enum"])
    if "anyOf" in stated:
        return " or ".join(_kind(one, known) for one in stated["anyOf"])
    kind = stated.get("type", "any")
    kinds = " or ".join(kind) if isinstance(kind, list) else str(kind)
    each = stated.get("items") or stated.get("additionalProperties")
    return f"{kinds} of {_kind(each, known)}" if isinstance(each, dict) else kinds


def _says(stated: dict[str, Any], known: dict[str, Any]) -> str:
    """Return what is said of a member, or else of its type."""
    name = str(stated.get("$ref", "")).rpartition("/")[2]
    said = stated.get("description") or known.get(name, {}).get("description", "")
    return str(said).replace("|", "\\|")


def columns() -> str:
    """Return what `matrix.csv` can hold, from the code that writes it."""
    listed = {"columns": COLUMNS, "status": STATUSES, "stage": STAGES}
    rows = [
        f"| {name} | {', '.join(f'`{one}`' for one in values)} |" for name, values in listed.items()
    ]
    return "\n".join(["| | |", "| --- | --- |", *rows, ""])


def commands() -> str:
    """Return what `--help` prints of every command, in the groups in which it lists them."""
    parent = click.Context(main, info_name="savedmodel-matrix", **main.context_settings)
    parts = [_help("", main.get_help(parent))]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n")
        for name in names:
            command = main.commands[name]
            context = click.Context(command, parent, name, max_content_width=88)
            parts.append(_help(name, command.get_help(context)))
    return "\n".join(parts)


def _help(name: str, text: str) -> str:
    title = f"### {name}\n\n" if name else ""
    return f"{title}```text\n{text}\n```\n"
