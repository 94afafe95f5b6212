"""Whole cells of any number, with everything that a real run keeps of a cell, made without one."""

from __future__ import annotations

from typing import Any

from savedmodel_matrix.views.report.facts import Facts, Source

LOADERS = ("libtensorflow", "saved_model_cli", "tf.saved_model.load")
REMEDIES = (
    "as-written",
    "export-archive",
    "legacy-keras",
    "model-export",
    "resave",
    "track-keras-variables",
    "track-tf-variables",
)
ENVIRONMENTS = tuple(f"tf2.{minor}" for minor in range(15, 22))
PLAIN = "serving_default(x float32[-1,4]) -> (output_0 float32[-1,2])"
REASON = "FAILED_PRECONDITION: Could not find variable <name>. It may have been deleted."
TRACEBACK = "Traceback (most recent call last):\n" + "".join(
    f'  File "tensorflow/python/module_{n}.py", line {n}, in call_{n}\n    return call_{n + 1}(x)\n'
    for n in range(12)
)
CASE_SOURCE = '"""{title}\n\nA story of some lines.\n"""\n\nimport tensorflow as tf\n' + "".join(
    f"\n\ndef step_{n}(x):\n    # what step {n} does\n    return tf.nn.relu(x + {n}.5)\n"
    for n in range(6)
)


def cell(
    case: str = "module_dense",
    remedy: str = "as-written",
    producer: str = "tf2.16",
    loader: str = "saved_model_cli",
    consumer: str = "",
    **given: Any,
) -> dict[str, Any]:
    """Return a passing cell with what is given in it."""
    return {
        "case": case,
        "remedy": remedy,
        "producer": producer,
        "loader": loader,
        "consumer": consumer or producer,
        "status": "pass",
        "stage": "values",
        "reason": "",
        "fingerprint": "",
        "signature": PLAIN,
        "message": "",
        "traceback": "",
        "where": "",
        "seconds": {"build": 0.21, "save": 1.32, "load": 0.11, "run": 0.08, "values": 0.01},
        "largest_error": {"output": "output_0", "absolute": 1.2e-7, "relative": 3.1e-8},
        "numbers": [
            {
                "signature": "serving_default",
                "output": "output_0",
                "wrong": "",
                "absolute": 1.2e-7,
                "relative": 3.1e-8,
                "dtype": "float32",
                "shape": [2, 3],
                "index": 0,
                "expected": ["0.51", "-0.25", "1.75", "0.5", "0.125", "2"],
                "actual": ["0.51", "-0.25", "1.75", "0.5", "0.125", "2"],
            }
        ],
        "keras": {"keras": "3.11.3"},
        "versions": {"producer": {"tensorflow": "2.16.2"}, "consumer": {"tensorflow": "2.16.2"}},
        "lost_signatures": [],
        "functions": ["serve"],
        "artifact_bytes": 20_000,
        "log": "",
    } | given


def failed(reason: str = REASON, fingerprint: str = "5eebae428f26", **given: Any) -> dict[str, Any]:
    """Return what is different in a cell that fails at run."""
    return {
        "status": "fail",
        "stage": "run",
        "reason": reason,
        "fingerprint": fingerprint,
        "message": f"{reason} Here with dense/bias.",
        "traceback": TRACEBACK + reason,
        "numbers": [],
        "largest_error": None,
    } | given


def cells_of(cases: int) -> list[dict[str, Any]]:
    """Return 147 cells a case: seven remedies, seven environments, three loaders."""
    made = []
    for number in range(cases):
        for remedy in REMEDIES:
            for environment in ENVIRONMENTS:
                for loader in LOADERS:
                    broken = (
                        remedy in ("as-written", "track-keras-variables")
                        and environment != "tf2.15"
                        and loader != "tf.saved_model.load"
                        and number % 2
                    )
                    given: dict[str, Any] = (
                        failed(fingerprint=f"{number % 20:012x}") if broken else {}
                    )
                    made.append(cell(f"case_{number:03}", remedy, environment, loader, **given))
    return made


def crossed_cells(cases: int) -> list[dict[str, Any]]:
    """Return the cells of `cells_of`, a loader of its own, and every pair of the other loaders.

    Across Keras 2 and 3, which tf2.15 and the others stand for, every second case fails.
    """
    made = cells_of(cases)
    others = []
    for one in made:
        if one["loader"] == LOADERS[0]:
            others.append(one | {"loader": "openvino", "consumer": "openvino"})
        for consumer in ENVIRONMENTS:
            if consumer == one["producer"]:
                continue
            across = (one["producer"] == "tf2.15") != (consumer == "tf2.15")
            broken = across and one["case"][-1] in "13579"
            given = failed("ValueError: <name> is of another Keras", "abc") if broken else {}
            others.append(one | {"consumer": consumer} | given)
    return [*made, *others]


def facts_of(cells: list[dict[str, Any]], *, groups: int = 8) -> Facts:
    """Return what a report shows of these cells, each case and remedy with a source."""
    packages = {f"package-{n}": f"{n}.0" for n in range(40)} | {"tensorflow-cpu": "2.16.2"}
    names = sorted({str(one["case"]) for one in cells})
    return Facts(
        every=cells,
        run={
            "finished": "2026-01-02T03:04:05Z",
            "commit": "0123456789abcdef",
            "dirty": False,
            "platform": "linux-x86_64",
            "python": "3.11.9",
            "cores": 2,
            "cells_run": len(cells),
            "seconds": 1234,
            "environments": {
                str(name): {
                    "lock": "ab" * 32,
                    "python": "CPython 3.11.9",
                    "packages": packages | {"keras": f"{number}.1"},
                }
                for number, name in enumerate(sorted({str(one["producer"]) for one in cells}))
            },
            "selections": [],
        },
        cases={
            name: Source(
                name,
                f"What {name} saves",
                CASE_SOURCE.format(title=name),
                "A story of some lines.",
                f"Group {number % groups}",
                ("https://github.com/keras-team/keras/issues/20095",),
            )
            for number, name in enumerate(names)
        },
        remedies={
            str(name): Source(str(name), f"How {name} saves", f"def save():\n    return '{name}'\n")
            for name in {one["remedy"] for one in cells}
        },
        loaders={
            str(name): Source(str(name), f"Reads with {name}")
            for name in {one["loader"] for one in cells}
        },
    )
