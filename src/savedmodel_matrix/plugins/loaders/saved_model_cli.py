"""The real ``saved_model_cli run``: its own ``main()``, inputs and outputs as .npy files.

Restores through the MetaGraph's restore op, as TensorFlow Serving does.
"""

import sys
from pathlib import Path

import numpy as np

name = "saved_model_cli"
reads = "SavedModel"
preload = ["tensorflow", "tensorflow.python.tools.saved_model_cli"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    from tensorflow.python.tools import saved_model_cli

    mark_load(saved_model_cli.loader, stage)
    stage("run")
    files = Path(f"inputs-{len(list(Path().iterdir()))}").resolve()
    files.mkdir()
    fed = []
    for number, (key, array) in enumerate(sorted(inputs.items())):
        np.save(files / f"{number}.npy", array)
        fed.append(f"{key}={files / str(number)}.npy")
    command = ["run", "--dir", artifact.directory, "--tag_set", "serve"]
    command += ["--signature_def", signature, "--outdir", str(files / "out"), "--overwrite"]
    sys.argv = ["saved_model_cli", *command, *(["--inputs", ";".join(fed)] if fed else [])]
    try:
        saved_model_cli.main()
    except SystemExit as end:  # main() ends in one on success too
        if end.code not in (None, 0):
            raise RuntimeError(f"saved_model_cli ended with exit status {end.code}") from end
    outputs = artifact.signatures[signature]["outputs"]
    return {key: read(files / "out" / f"{key}.npy", outputs[key]["dtype"]) for key in outputs}


def mark_load(module, stage):  # noqa: ANN001, ANN201
    """Mark stage "load" while ``module.load`` runs, to tell its crash from a later one."""
    original = getattr(module.load, "unmarked", module.load)

    def load(*args, **kwargs):  # noqa: ANN002, ANN003, ANN202
        stage("load")
        loaded = original(*args, **kwargs)
        stage("run")
        return loaded

    load.unmarked = original
    module.load = load


def read(path, dtype):  # noqa: ANN001, ANN201
    """Read an output; NumPy's files know bfloat16 only as two raw bytes."""
    array = np.load(path, allow_pickle=True)
    if dtype == "DT_BFLOAT16" and array.dtype == np.dtype("V2"):
        import ml_dtypes

        return array.view(ml_dtypes.bfloat16)
    return array
