"""The rendered page: what it says, that it fits, and that nothing from a case acts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.table import from_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

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
UNINITIALISED = "FAILED_PRECONDITION: Could not find variable <name>. This could mean that the variable has been deleted."
PLAIN = "serving_default(x float32[-1,4]) -> (output_0 float32[-1,2])"


def realistic_cells() -> Iterator[dict[str, str]]:
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


def cell(**given: str) -> dict[str, str]:
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


def failed(
    stage: str, reason: str, *, status: str = "fail", signature: str = PLAIN
) -> dict[str, str]:
    return {
        "status": status,
        "stage": stage,
        "reason": reason,
        "fingerprint": reason,
        "signature": signature,
    }


def outcome_of(case: str, remedy: str, environment: str, loader: str) -> dict[str, str]:
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


def realistic_table() -> pd.DataFrame:
    return from_cells(realistic_cells())
