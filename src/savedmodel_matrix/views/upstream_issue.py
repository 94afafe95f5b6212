"""The text of an issue about a change, ready to be pasted upstream; Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from savedmodel_matrix.views.bisected_sentence import phrase, sentence
from savedmodel_matrix.views.harmless import block, one_line
from savedmodel_matrix.views.release_links import compare_link
from savedmodel_matrix.views.reproduction import LOADS, SAVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.bisected import Bisected, Found

LINES = 30  # of a traceback, its last ones
SHOWN = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "protobuf", "h5py")
# Where packages are on the machine that ran it, which nobody else needs to know.
_INSTALLED = re.compile(r'(?<=")/[^"\n]*/(?:site-packages|packages)/')
_ELSEWHERE = re.compile(r'(?<=")/[^"\n]*/(?=[^/"\n]+")')


def issue_text(result: Bisected, found: Found, title: str, made: Mapping[str, str]) -> str:
    """Return the issue: what happened, versions, and how to see it if files were ``made`` for that.

    Paths of this machine are left out.
    """
    before, after = (result.tried[p] for p in (found.change.before, found.change.after))
    versions = [result.rows[p].version for p in (found.change.before, found.change.after)]
    package = result.package
    ends = [phrase(one, result.asked) for one in (before, after)]
    older, newer = (one.installed(result.side) for one in (before, after))
    heading = f"{ends[1]} from {package} {versions[1]} on, {ends[0]} with {versions[0]}"
    lines = [
        f"# {one_line(title).rstrip('.')}: {heading}",
        "",
        sentence(result),
        "",
        f"Saved by `{result.remedy}`, loaded by `{result.loader}`.",
        "",
        f"| | {package} {versions[0]} | {package} {versions[1]} |",
        "| --- | --- | --- |",
        f"| outcome | {' | '.join(ends)} |",
        *(
            f"| {name} | {older[name]} | {newer[name]} |"
            for name in sorted(older.keys() & newer.keys())
            if name in SHOWN or older[name] != newer[name]
        ),
        "",
    ]
    if link := compare_link(package, *versions):
        lines += [f"Changes between the two: {link}", ""]
    for version, one in zip(versions, (before, after), strict=True):
        if said := str(one.cell.get("traceback") or one.cell.get("message") or ""):
            lines += [f"With {package} {version}:", "", _fenced(traceback_end(said)), ""]
    if made:
        lines += ["To see it, `reproduce.py`:", "", _fenced(made["reproduce.py"], "python"), ""]
        lines += ["run with both sets of packages:", "", _fenced(made["reproduce.sh"], "sh"), ""]
        lines += [_after(made), ""]
        for name in ("before.txt", *(f"{one}.txt" for one in (SAVES, LOADS))):
            if name in made:
                lines += [f"<details><summary>{name}</summary>", ""]
                lines += [_fenced(made[name]), "", "</details>", ""]
    return "\n".join(lines)


def traceback_end(text: str) -> str:
    """Return the last lines of a traceback, without the places where packages are installed."""
    lines = block(text).rstrip().splitlines()
    kept = lines if len(lines) <= LINES else ["[…]", *lines[-LINES:]]
    return _ELSEWHERE.sub("", _INSTALLED.sub("", "\n".join(kept)))


def _after(made: Mapping[str, str]) -> str:
    """Say how after.txt differs from before.txt."""
    before, after = (made[f"{side}.txt"].splitlines() for side in ("before", "after"))
    more = ", ".join(f"`{one}`" for one in after if one not in before and not one.startswith("#"))
    less = ", ".join(f"`{one}`" for one in before if one not in after and not one.startswith("#"))
    return (
        f"`after.txt` is `before.txt` with {more or 'nothing'} in the place of {less or 'nothing'}."
    )


def _fenced(text: str, language: str = "") -> str:
    """Return text as a block of code, whatever fences it has itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
