"""The sections of docs/upstream.md, as its tests read them."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "upstream.md"
PARTS = ("Script", "Expected", "Observed", "Since", "At fault", "Patch", "Effect")


@dataclass(frozen=True)
class Defect:
    """One section; what its script prints, without the patch and with it."""

    title: str
    text: str
    script: str
    printed: str
    patch: str  # the name of the file
    diff: str
    environment: str  # that has the patch
    mended: str


def defects() -> list[Defect]:
    """Read the page. Raises ValueError where a section lacks a part."""
    _, *sections = re.split(r"(?m)^## ", PAGE.read_text(encoding="utf-8"))
    return [_defect(text) for text in sections]


def _defect(text: str) -> Defect:
    [script] = _blocks(text, "python")
    [diff] = _blocks(text, "diff")
    printed, mended = _blocks(text, "text")
    [(patch, environment)] = re.findall(r"\*\*Patch\*\*, `(.+?)`, environment `(.+?)`:", text)
    title = text.partition("\n")[0]
    return Defect(title, text, script, printed, patch, diff, environment, mended)


def _blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```$", text)
