"""Text that is not ours, made harmless before anybody is shown it.

A case, an artifact, a library or a path can hold anything: escape sequences that move the cursor,
characters that turn the direction of writing, characters that cannot be seen. Every view and every
line that a command prints passes through here. Escape sequences are removed; every other character
that does something, or shows nothing, is spelled out. What a format gives a meaning of its own
(`|` in Markdown, `<` in HTML) is that view's to escape.
"""

from __future__ import annotations

import re

LONGEST_BLOCK = 20_000  # characters
# Terminal sequences (ECMA-48): CSI, then the strings OSC, DCS, SOS, PM and APC up to their end,
# then all others. One that does not end is left to be spelled out, so that no text is lost.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
)
# Printable to Python, and yet nothing is seen.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")


def one_line(text: str, longest: int | None = None) -> str:
    """Return text as one line in which nothing acts; cut after ``longest`` characters."""
    if not text.isprintable() or _UNSEEN.search(text):
        # What would be nothing without its sequences is spelled out, or a name could vanish.
        text = "".join(map(_visible, _SEQUENCE.sub("", text) or text))
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def block(text: str, longest: int = LONGEST_BLOCK) -> str:
    """Return text of several lines in which nothing but the line ends acts.

    Beyond ``longest`` characters the middle is left out, which the text then says.
    """
    if len(text) > longest:
        half = longest // 2
        left_out = f"\n[… {len(text) - longest} characters left out …]\n"
        text = text[:half] + left_out + text[-half:]
    return "\n".join(one_line(line) for line in (_SEQUENCE.sub("", text) or text).split("\n"))


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if character.isprintable() and not _UNSEEN.match(character):
        return character
    return character.encode("unicode_escape").decode()
