"""The two ways back from a checkpoint, drawn from a real artifact as `diagnose` reads it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import savedmodel_matrix

if TYPE_CHECKING:
    from pathlib import Path

ROW = 34
TOP = 88  # of the first row
LEFT, MIDDLE, RIGHT = 2, 188, 348  # of the boxes
BOX, LAST = 128, 148  # their widths; the last ones name a signature
WIDTH = RIGHT + LAST + 2
SHOWN = 'role="img" aria-labelledby="restore-title" class="drawing"'
TITLE = "Which variables the restore op fills, and which ones the signature reads"


def drawing(artifact: Path) -> str:
    """Return an SVG of an artifact with variables that nothing restores. Raises ValueError."""
    found = [
        one
        for finding in savedmodel_matrix.diagnose(artifact).findings
        if finding.rule == "unwritten-resource"
        for one in finding.evidence["resources"]
    ]
    if not found:
        raise ValueError(f"{artifact} has no variable that nothing restores")
    half = ROW * len(found)
    second = TOP + half + 46  # of the rows of what the signature reads
    height = second + half + 64
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {SHOWN}>',
        f'<title id="restore-title">{TITLE}</title>',
        _text(LEFT, 22, "checkpoint"),
        _text(MIDDLE, 22, "variables of the graph"),
        _text(RIGHT, 22, "who reads them"),
        _text(MIDDLE, 62, "copies, made while exporting"),
        _text(MIDDLE, second - 12, "originals"),
        _box(RIGHT, second, half - 8, "the signature", more=_signature(artifact)),
        _box(RIGHT, TOP, half - 8, "nobody", kind="w"),
    ]
    between = (TOP + second + half) // 2 - half // 2
    for number, one in enumerate(found):
        copy, original = TOP + ROW * number, second + ROW * number
        key = between + ROW * number
        parts += [
            _box(LEFT, key, ROW - 8, one["object"]),
            _box(MIDDLE, copy, ROW - 8, one["restored_instead"]),
            _box(MIDDLE, original, ROW - 8, one["name"]),
            _line(LEFT + BOX, key, MIDDLE, copy, "v"),
            _line(LEFT + BOX, key, MIDDLE, original, "o"),
            _line(MIDDLE + BOX, original, RIGHT, original, "r"),
        ]
    parts += [
        _text(LEFT, height - 26, "── the restore op: saved_model_cli, the C API, Serving", "vt"),
        _text(LEFT, height - 6, "╌╌ the object graph: tf.saved_model.load in Python", "ot"),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _signature(artifact: Path) -> str:
    return savedmodel_matrix.diagnose(artifact).signatures[0].name


def _text(x: int, y: int, text: str, kind: str = "s") -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(text)}</text>'


def _box(x: int, y: int, height: int, text: str, more: str = "", kind: str = "b") -> str:
    width, middle = LAST if x == RIGHT else BOX, y + height // 2 + 5
    lines = [(text, middle - 9), (more, middle + 9)] if more else [(text, middle)]
    words = [_text(x + 9, at, said, "t") for said, at in lines]
    box = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" class="{kind}"/>'
    return box + "".join(words)


def _line(x: int, row: int, to_x: int, to_row: int, kind: str) -> str:
    y, to_y = (at + (ROW - 8) // 2 for at in (row, to_row))
    return f'<path d="M{x} {y} C{x + 40} {y} {to_x - 40} {to_y} {to_x} {to_y}" class="{kind}"/>'
