"""Errors as people paste them, with what is expected of each, and the shapes they come in."""

import hashlib
import json
import textwrap
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FOREIGN = "foreign"


@dataclass(frozen=True)
class Pasted:
    """A text of this directory."""

    name: str
    expected: str  # the name of a cause, or FOREIGN
    source: str
    text: str

    @property
    def held_out(self):
        """Whether signs were never tuned on it: half of all, drawn by their names."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 2 == 1


def pasted():
    stated = tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))
    return [
        Pasted(name, one["expected"], one["source"], (HERE / f"{name}.txt").read_text("utf-8"))
        for name, one in stated.items()
    ]


def at_80_columns(text):
    """Return what is copied from a terminal of 80 columns: lines broken wherever they end."""
    lines = [line[n : n + 80] for line in text.split("\n") for n in range(0, len(line) or 1, 80)]
    return "\n".join(line.rstrip() for line in lines)


def in_kubernetes(text):
    return prefixed(text, "2026-05-01T10:00:00.123456789Z stderr F ")


def prefixed(text, prefix):
    return "\n".join(prefix + line for line in text.split("\n"))


SHAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "at 80 columns": at_80_columns,
    "docker compose": lambda text: prefixed(text, "serving-1  | "),
    "kubernetes": in_kubernetes,
    "kubernetes, Python logging": lambda text: in_kubernetes(
        prefixed(text, "[2026-05-01 10:00:00,123] ")
    ),
    "TensorFlow log": lambda text: prefixed(
        text, "2026-05-01 10:00:00.123456: W tensorflow/core/framework/op_kernel.cc:1830] "
    ),
    "Triton log": lambda text: prefixed(text, "E0501 10:00:00.123456 1 model_lifecycle.cc:621] "),
    "syslog": lambda text: prefixed(text, "May  1 10:00:00 host-3 python3[4711]: "),
    "quoted": lambda text: prefixed(text, "> "),
    "pytest": lambda text: prefixed(text, "E       "),
    "coloured": lambda text: "\x1b[0m\x1b[31m" + text.replace(" ", " \x1b[1m", 9) + "\x1b[0m",
    "colours without escape": lambda text: "[0m[31;1m" + text.replace(" ", " [1m", 9),
    "JSON": lambda text: json.dumps({"error": text}),
    "JSON in JSON": lambda text: json.dumps({"log": json.dumps({"error": text})}),
    "indented": lambda text: textwrap.indent(text, "    "),
    "under 60 lines of a log": lambda text: (
        "2026-05-01 10:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations "
        "are on.\n" * 60 + text
    ),
}
