"""A pasted error as what can be searched: server prefixes, escapes and traceback frames removed.

Every step is a regular expression of `RULES`, which the report's script gets as data: it does the
same steps in JavaScript, to the same result. They are therefore written in what both languages
have: no named groups, no look-behind, no ``\\d``, ``\\s`` or ``\\w``, and no replacement but plain
text. After the first step the text is ASCII, in which both count characters alike.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

LONGEST = 400_000  # characters that are searched, the last ones: an error is at a log's end
ROUNDS = 4  # a line can have a prefix of the cluster, of the container and of the program
SHORT = 5  # words: what was pasted is no message but a name

RULES: dict[str, Any] = {
    # On the whole text: what matches, and what stands there instead.
    "text": [
        ["[^\\x00-\\x7f]+", " "],
        ["\\\\+u001[bB]|\\\\+x1[bB]|\\\\+033|\\\\+e(?=\\[)|\\^\\[(?=\\[)", "\x1b"],
        ["\\x1b\\[[0-9;?]*[A-Za-z]", ""],
        ["\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)?", ""],
        ["\\[[0-9]{1,3}(?:;[0-9]{1,3})*m", ""],  # the same without the escape character
        ["\\\\+u[0-9a-fA-F]{4}", " "],
        ["\\\\+[nr]", "\n"],  # a message within JSON
        ["\\\\+t", " "],
        ['\\\\+"', '"'],
        ["&(?:quot|lt|gt|amp|apos|nbsp|#[0-9]+|#x[0-9a-fA-F]+);", " "],
        ["\\r\\n?", "\n"],
        ["[\\x00-\\x09\\x0b-\\x1f\\x7f]", " "],
    ],
    # At the start of a line: what a server, a container or a logger puts before it.
    "prefixes": [
        "[ ]*(?:>[ ]?)+",
        "[ ]*\\|[ ]",
        "[A-Za-z0-9_.-]+[ ]+\\|[ ]",
        "\\[?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9:.,]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?\\]?:?[ ]*",
        "(?:stdout|stderr) [FP] ",
        "[IWEF] [A-Za-z0-9_./-]+:[0-9]+\\][ ]*",
        "[IWEF][0-9]{4} [0-9:.]+[ ]+[0-9]+ [A-Za-z0-9_./-]+:[0-9]+\\][ ]*",
        "[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [A-Za-z0-9_.-]+ [A-Za-z0-9_./-]+(?:\\[[0-9]+\\])?: ",
        "(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)[ :-]+(?:[a-z_.]+:)?",
        "\\[[A-Za-z0-9 _.:/+-]*\\][ ]+",
        "E[ ]{3,}",
    ],
    # Lines that say where, not what.
    "frame": '[ ]*File "',  # and what is indented more below it
    "error": "[ ]*[A-Za-z_.]+(?:Error|Exception|Warning|Interrupt)(?:: |$)",
    "arrow": "-+> ?\\[?[0-9]+",
    "numbered": " {2,}\\[?[0-9]+\\]?(?:[ (]|$)",  # where a line has an arrow
    "place": 'File [^"]*:[0-9]+(?:\\]\\([^)]*\\))?,? in |[~/][^ ]*\\.py(?:\\]\\([^)]*\\))? in ',
    # Runs of these are what is compared; "_" does not part words.
    "letters": "[A-Za-z0-9]+",
    "parting": "[^A-Za-z0-9_]",
    "words": "[A-Za-z][A-Za-z0-9_]{2,}",
}

Lines: TypeAlias = list[str]
_PREFIXES = [re.compile(f"^(?:{prefix})") for prefix in RULES["prefixes"]]
_LETTERS, _PARTING = re.compile(RULES["letters"]), re.compile(RULES["parting"])
_FRAME, _ERROR, _PLACE, _ARROW, _CODE = (
    re.compile(pattern)
    for pattern in (
        *(RULES[name] for name in ("frame", "error", "place", "arrow")),
        f"{RULES['arrow']}|{RULES['numbered']}",
    )
)


@dataclass(frozen=True)
class Squashed:
    """Text reduced to letters and digits in lower case, so that no line end can split a word."""

    text: str

    @cached_property
    def letters(self) -> str:
        """Letters and digits alone."""
        return "".join(chunk for _, chunk in self._chunks).lower()

    @cached_property
    def starts(self) -> frozenset[int]:
        """Where words begin in `letters`, and its end."""
        found, number, end = set(), 0, 0
        for place, chunk in self._chunks:
            if not number or _PARTING.search(self.text, end, place):
                found.add(number)
            number += len(chunk)
            end = place + len(chunk)
        return frozenset({*found, number})

    @cached_property
    def _chunks(self) -> list[tuple[int, str]]:
        return [(m.start(), m.group()) for m in _LETTERS.finditer(self.text)]

    @cached_property
    def _offsets(self) -> list[int]:
        total, found = 0, []
        for _, chunk in self._chunks:
            found.append(total)
            total += len(chunk)
        return found

    def line_of(self, number: int) -> int:
        """Return the number of the line that a place in `letters` is on."""
        chunk = bisect_right(self._offsets, number) - 1
        return self.text.count("\n", 0, self._chunks[chunk][0])

    def find(self, part: str, start: int, end: int) -> int:
        """Return where whole words begin that are equal to ``part``, or -1.

        Where the part ends in "*", its last word may go on.
        """
        sought = part.removesuffix("*")
        place = self.letters.find(sought, start)
        while 0 <= place <= end:
            whole = sought != part or place + len(sought) in self.starts
            if place in self.starts and whole:
                return place
            place = self.letters.find(sought, place + 1)
        return -1


@dataclass(frozen=True)
class ErrorText:
    """What was pasted: all of it, and the lines of it that can be the message."""

    lines: tuple[str, ...]
    everything: Squashed
    messages: Squashed
    words: int  # how many there are, parted by spaces


def read(text: str) -> ErrorText:
    """Return what a pasted text says, of any length and origin."""
    for pattern, instead in RULES["text"]:
        text = re.sub(pattern, instead, text)
    text = text[-LONGEST:]
    lines = [_without_prefix(line) for line in text.split("\n")]
    kept = _messages(lines)
    return ErrorText(
        tuple(kept),
        Squashed(text),
        Squashed("\n".join(kept)),
        len([word for word in re.split("[ \n]+", text) if word]),
    )


def squash(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return "".join(_LETTERS.findall(text)).lower()


def _without_prefix(line: str) -> str:
    for _ in range(ROUNDS):
        before = line
        for prefix in _PREFIXES:
            line = prefix.sub("", line)
        if line == before:
            break
    return line


def _messages(lines: Lines) -> Lines:
    """Return the lines without the frames of tracebacks, and the code that these show."""
    notebook = any(_ARROW.match(line) for line in lines)
    kept = []
    frame = -1  # how far the frame is indented that the lines before this one belong to
    for line in lines:
        deep = len(line) - len(line.lstrip(" "))
        if _FRAME.match(line):
            frame = deep
            continue
        if frame >= 0 and deep > frame and not _ERROR.match(line):
            continue
        frame = -1
        if _PLACE.match(line):
            continue
        if notebook and _CODE.match(line):
            continue
        kept.append(line)
    return kept
