"""A realistic run, pages printed from it, and texts that try to act in a page."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from rich.console import Console

from savedmodel_matrix.analysis.summary import Summary, summarise
from savedmodel_matrix.model.table import Row, from_cells, key_of
from savedmodel_matrix.views.terminal import LINES, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from savedmodel_matrix.views.next_steps import Step


ENVIRONMENTS = [f"tf2.{minor}" for minor in range(15, 22)]


LOADERS = ["libtensorflow", "saved_model_cli", "tf.saved_model.load"]


REMEDIES = [
    "as-written",
    "export-archive",
    "legacy-keras",
    "model-export",
    "resave",
    "track-keras-variables",
    "track-tf-variables",
]


MODULES = [
    "module_dense",
    "module_dict",
    "module_functional",
    "module_list",
    "module_nested",
    "module_sequential",
    "batchnorm_dropout",
    "custom_layer_raw_variable",
]


OTHERS = [
    "bidirectional_lstm",
    "dict_inputs_two_outputs",
    "functional_direct",
    "mixed_bfloat16",
    "same_shaped_inputs_eleven_outputs",
    "several_signatures",
    "string_lookup_embedding",
    "subclassed_model",
]


UNINITIALISED = "FAILED_PRECONDITION: Could not find variable <name>. It may have been deleted."


PLAIN = "serving_default(x float32[-1,4]) -> (output_0 float32[-1,2])"


def realistic_cells() -> Iterator[Row]:
    """Yield a table as a full run gives it: 16 cases, 7 remedies, 7 environments, 3 loaders."""
    for case in [*MODULES, *OTHERS]:
        for remedy in REMEDIES:
            for environment in ENVIRONMENTS:
                for loader in LOADERS:
                    yield cell(
                        case=case,
                        remedy=remedy,
                        producer=environment,
                        loader=loader,
                        consumer=environment,
                        **outcome_of(case, remedy, environment, loader),
                    )


def cell(**given: str) -> Row:
    """Return a cell, that of module_dense as written on tf2.16, with what is given in it."""
    known = {
        "case": "module_dense",
        "remedy": "as-written",
        "producer": "tf2.16",
        "loader": "saved_model_cli",
        "consumer": "tf2.16",
        "status": "pass",
        "stage": "values",
        "reason": "",
        "fingerprint": "",
        "signature": PLAIN,
    }
    return known | given


def failed(stage: str, reason: str, *, status: str = "fail", signature: str = PLAIN) -> Row:
    return {
        "status": status,
        "stage": stage,
        "reason": reason,
        "fingerprint": reason,
        "signature": signature,
    }


def outcome_of(case: str, remedy: str, environment: str, loader: str) -> Row:
    """Return the outcome of one cell, by rules like those that a real run shows."""
    keras_3 = environment != "tf2.15" and remedy != "legacy-keras"
    broken = remedy in {"as-written", "track-keras-variables"} and keras_3
    if case == "several_signatures" and remedy == "model-export":
        reason = "The case has several signatures, and model.export writes one."
        return {"status": "not-applicable", "stage": "", "reason": reason, "signature": ""}
    if case == "string_lookup_embedding" and remedy == "resave" and environment == "tf2.15":
        reason = (
            "AssertionError: Tried to export a function which references an untracked resource."
        )
        return failed("save", reason, signature="")
    if case == "mixed_bfloat16" and loader == "saved_model_cli":
        return failed("run", "TypeError: Cannot interpret '<name>' as a data type")
    if case == "bidirectional_lstm" and environment == "tf2.21" and loader == "libtensorflow":
        return failed("run", "signal SIGSEGV (segmentation fault)", status="crash")
    if case == "subclassed_model" and remedy == "as-written" and keras_3:
        return failed("save", "The artifact has no signature.", signature="")
    if broken and loader != "tf.saved_model.load":
        return failed("run", UNINITIALISED)
    if remedy == "model-export" and case != "functional_direct":
        return {"signature": PLAIN.replace("(x ", "(inputs ")}
    if case == "functional_direct" and not keras_3:
        return {"signature": PLAIN.replace("output_0", "probabilities")}
    return {}


def key(row: Row) -> Row:
    return {name: row[name] for name in ("case", "remedy", "producer", "loader", "consumer")}


def summary_of(
    now: Iterable[Row],
    before: Iterable[Row] = (),
    logs: dict[tuple[str, ...], str] | None = None,
    **more: Any,
) -> Summary:
    """Return the summary of a full run; ``more`` are further arguments of `summarise`."""
    return summarise(from_cells(now), from_cells(before), full=True, logs=logs, **more)


def printed(
    summary: Summary,
    width: int = 120,
    encoding: str = "utf-8",
    *,
    verbose: bool = False,
    most: int = LINES,
    steps: Sequence[Step] = (),
    **environment: str,
) -> str:
    """Return what a stream that is not a terminal gets, or a terminal if TERM is given."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = Console(
        file=stream,
        width=width,
        force_terminal=bool(environment),
        legacy_windows=False,
        _environ=environment,
    )
    terminal(summary, console, verbose=verbose, most=most, steps=steps)
    stream.flush()
    return raw.getvalue().decode(encoding)


def lines_of(page: str) -> list[str]:
    return [line.rstrip() for line in page.split("\n")]


def section(page: str, title: str) -> list[str]:
    """Return the lines of one section, without indentation."""
    lines = lines_of(page)
    start = lines.index(title) + 1
    return [line.strip() for line in lines[start : lines.index("", start)]]


HOSTILE = [
    "[red]x[/red]",
    "[/]",
    "[link=https://example.org]x[/link]",
    ":skull:",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "a\nb\r\nc\td",
    "\u202etxt.exe\u2066",
    "\u200b\ufeff\U000e0041",
    "| a | b |",
    "\\| `code` ``",
    "<script>alert(1)</script> &lt; &amp;",
    "**x** _y_ __z__ ~~w~~ $a$",
    "![x](https://example.org/x.png) [y](javascript:z)",
    "# heading",
    "- item",
    "1. item",
    "1) item",
    "+ item",
    "=== ---",
    "> quote",
    "&#124;",
]


hostile = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=30)


def acts(character: str) -> bool:
    """Say whether a character does anything but show itself, a line's end apart."""
    return character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def hostile_summary(text: str) -> Summary:
    row = cell(
        case=text,
        remedy=text,
        producer=text,
        loader=text,
        consumer=f"{text}x",
        signature=text,
        **dict.fromkeys(("reason", "fingerprint"), text),
        status="fail",
        stage="run",
    )
    good = row | {"status": "pass", "stage": "values", "remedy": "as-written"}
    keyed = {key_of(row): text}
    return summary_of(
        [row, good],
        [good | {"signature": PLAIN}],
        keyed,
        messages=keyed,
        places=keyed,
        tour={text: text},
        environments={text: {"packages": {"keras": text}}},
    )
