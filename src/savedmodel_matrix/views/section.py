"""What a view is made of: sections with a sentence, a table or a list, in plain text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One entry of a list: a sentence, what belongs under it, and the files to look at."""

    text: str
    details: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # a line each, such as "log: results/logs/1.log"


@dataclass(frozen=True)
class Section:
    """One answer: a heading, a sentence, and a table or a list."""

    title: str
    sentence: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[Item, ...] = ()
    always: bool = False  # whether it is shown whole where there is little room
