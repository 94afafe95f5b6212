"""The index of error texts, built: from explanations, from signs, and from what cells said.

Signs are stated in error_signs.toml by the cause's name. A cause without any is recognised by the
masked messages of its accepted cells. The words of all of them, with those of the explanation,
serve texts that no sign is found in: they can make a cause possible, never known.
"""

from __future__ import annotations

import builtins
import json
import math
import re
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.error_text import RULES, squash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import FAILURES, key_of
from savedmodel_matrix.model.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from savedmodel_matrix.analysis.explanations import Explanation, Explanations

SIGNS = Path(__file__).with_name("error_signs.toml")
ABOUT = "Written by savedmodel-matrix report, from explanations, error_signs.toml and cells."

_KINDS = ("known", "possible")
_MASK = re.compile(r"<[^<>]*>|…|\.\.\.$")
_KIND = re.compile(r"^[A-Za-z_]+: ")  # of an exception, before its message
_LEGACY = "; TF_USE_LEGACY_KERAS does not reach"
# What Python says of any program's mistake tells no cause, whatever name is in it.
_ANYBODYS = re.compile(
    r"object has no attribute|is not subscriptable|is not callable|is not iterable|"
    r"positional argument|keyword argument|required argument|values to unpack|unsupported operand|"
    r"No module named|the process died|wrong values"
)
# Words of such messages: they say nothing for a cause, and nothing against it.
_COMMON = frozenset(
    word.lower()
    for word in (
        *dir(builtins),
        *("argument", "arguments", "attribute", "but", "call", "can", "cannot", "class", "could"),
        *("does", "error", "exception", "expected", "failed", "for", "from", "got", "has", "have"),
        *("invalid", "keyword", "load", "loading", "missing", "module", "must", "name", "named"),
        *("not", "note", "python", "positional", "received", "required", "support", "supported"),
        *("that", "the", "this", "unexpected", "unknown", "use", "value", "values", "was", "with"),
        *("and", "are", "because", "been", "encountered", "file", "function", "found", "number"),
        *("into", "its", "only", "which", "when", "you", "your", "during", "other", "another"),
    )
)
_LETTERS, _ENOUGH = 30, 4  # letters and words of a message that tells a cause
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*[A-Za-z0-9]")
_LOOKS_LIKE_ONE = re.compile(r"[a-z][A-Z]|_|[A-Za-z]\.[A-Za-z]|[A-Z]{2}[a-z]")
_SHARED, _SHORTEST = 6, 5  # causes that an identifier may be of, and its letters


def said(
    cells: Collection[Mapping[str, Any]], explained: Explanations
) -> dict[str, dict[str, int]]:
    """Return what failing cells said, masked, by the cause's name, and how many said each."""
    causes = explained.of(cells)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for cell in cells:
        if cell["status"] in FAILURES and (one := causes.get(key_of(cell))):
            found[one.name][cell["reason"].split(_LEGACY)[0]] += 1
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def entries(explained: Explanations) -> list[Explanation]:
    """Return all explanations, each once, by name."""
    every = {one.name: one for known in explained.by_fingerprint.values() for one in known}
    return [every[name] for name in sorted(every)]


def build(
    explained: Explanations,
    messages: Mapping[str, Mapping[str, int]],
    stated: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the index: signs, in which causes words are, and how much each word weighs.

    ``messages`` are those of `said`. Raises UserError naming a sign that means nothing.
    """
    stated = read_signs() if stated is None else stated
    causes = entries(explained)
    unknown = sorted(stated.keys() - {one.name for one in causes})
    if unknown:
        raise UserError(f"{SIGNS}: [{unknown[0]}] is no cause of explanations.toml; rename it.")
    signs: list[dict[str, Any]] = []
    words: dict[str, set[str]] = defaultdict(set)
    identifiers: dict[str, set[str]] = defaultdict(set)
    for one in causes:
        heard = tuple(messages.get(one.name, {}))
        signs += _stated(one.name, stated[one.name]) if one.name in stated else _heard(one, heard)
        texts = [*(_MASK.sub(" ", text) for text in heard), one.title, one.what]
        for text in texts:
            for word in re.findall(RULES["words"], text):
                words[word.lower()].add(one.name)
            for word in _IDENTIFIER.findall(text):
                if hasattr(builtins, word) or len(squash(word)) < _SHORTEST:
                    continue
                if _LOOKS_LIKE_ONE.search(word):
                    identifiers[squash(word)].add(one.name)
    told = {word: sorted(words[word]) for word in sorted(words) if word not in _COMMON}
    weights = {word: _weight(len(told[word]), len(causes)) for word in told}
    return {
        "about": ABOUT,
        "cells": {one.name: sum(messages.get(one.name, {}).values()) for one in causes},
        "signs": signs,
        "words": told,
        "weights": weights | dict.fromkeys(sorted(_COMMON), 0),
        "identifiers": {
            word: sorted(identifiers[word])
            for word in sorted(identifiers)
            if len(identifiers[word]) <= _SHARED
        },
    }


def as_json(index: Mapping[str, Any]) -> bytes:
    """Return the index as the file that is shipped: a line a sign, so that changes can be read."""
    lines = []
    for name, value in index.items():
        if isinstance(value, list):
            inner = ",\n".join(f"  {json.dumps(one, separators=(',', ':'))}" for one in value)
            lines.append(f' "{name}": [\n{inner}\n ]')
        elif isinstance(value, dict):
            inner = ",\n".join(
                f"  {json.dumps(key)}:{json.dumps(one, separators=(',', ':'))}"
                for key, one in value.items()
            )
            lines.append(f' "{name}": {{\n{inner}\n }}')
        else:
            lines.append(f' "{name}": {json.dumps(value)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read_signs(file: Path = SIGNS) -> dict[str, Any]:
    """Return the signs as they are stated. Raises UserError if the file cannot be read."""
    found = read_toml(file)
    for name, entry in found.items():
        odd = sorted(entry.keys() - set(_KINDS))
        if odd:
            raise UserError(f"{file}: [{name}] states {odd[0]!r}; known and possible are all.")
    return found


def _stated(cause: str, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _sign(cause, text, known=kind == "known")
        for kind in _KINDS
        for sign in entry.get(kind, ())
        for text in _alternatives(sign)
    ]


def _alternatives(sign: str) -> list[str]:
    """Return a sign once for every choice that it leaves: "{a|b} c" is "a c" and "b c"."""
    pieces = re.split(r"\{([^{}]*)\}", sign)
    choices = [piece.split("|") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    return ["".join(chosen) for chosen in product(*choices)]


def _sign(cause: str, text: str, *, known: bool) -> dict[str, Any]:
    said, *conditions = re.split(r" (?=[&!] )", text)
    parts = [_part(part) for part in said.split("…")]
    together = [_part(one) for one in conditions if one.startswith("&")]
    without = [_part(one) for one in conditions if one.startswith("!")]
    if any(not part.strip("*") for part in (*parts, *together, *without)):
        raise UserError(f"{SIGNS}: [{cause}] has the sign {text!r}, of which a part has no letter.")
    sign: dict[str, Any] = {
        "cause": cause,
        "known": known,
        "score": sum(map(len, (*parts, *together))),
        "parts": parts,
    }
    if together:
        sign["with"] = together
    if without:
        sign["without"] = without
    if not known and not conditions and len(said.split()) == 1:
        sign["alone"] = True
    return sign


def _part(text: str) -> str:
    """Return what is compared of a part of a sign; "*" at its end stays."""
    return squash(text) + "*" * text.rstrip().endswith("*")


def _heard(cause: Explanation, messages: Iterable[str]) -> list[dict[str, Any]]:
    """Return the signs of a cause that states none: what its cells said, up to what is masked."""
    found = []
    for message in messages:
        pieces = [" ".join(piece.split()) for piece in _MASK.split(_KIND.sub("", message))]
        pieces = [piece for piece in pieces if squash(piece)]
        if not pieces:
            continue
        text = " ".join(pieces)
        tells = len(squash(text)) >= _LETTERS and len(text.split()) >= _ENOUGH
        found.append(
            _sign(cause.name, " … ".join(pieces), known=tells and not _ANYBODYS.search(text))
        )
    return found


def _weight(causes: int, of: int) -> int:
    """Return how much a word weighs that so many causes have: ten times its bits."""
    return max(1, round(10 * math.log2(of / causes))) if of else 1
