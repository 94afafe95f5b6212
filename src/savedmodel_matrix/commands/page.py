"""What a run prints of what it found, kept as text, so that it can be shown again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console


class Page:
    """A console, and the text that a run without work would print on it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.text = ""

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Print what the block prints, when it ends, and keep it."""
        with self.console.capture() as captured:
            yield
        self.text += captured.get()
        self.console.file.write(captured.get())
        self.console.file.flush()

    def instead(self, line: str) -> None:
        """Keep a line that stands for what is printed of this run alone."""
        self.text += f"{line}\n"
