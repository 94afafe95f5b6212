"""ONNX Runtime on what ``python -m tf2onnx.convert --saved-model`` makes of each signature.

The conversion freezes the variables that ``tf.saved_model.load`` restores.
"""

import sys
from pathlib import Path

import onnxruntime
from tf2onnx import convert

name = "onnxruntime"
reads = "SavedModel"
environment = "onnxruntime"
preload = ["tensorflow", "tf2onnx.convert", "onnxruntime"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    file = str(Path("model.onnx").resolve())
    source = ["--saved-model", artifact.directory, "--tag", "serve", "--signature_def", signature]
    sys.argv = ["tf2onnx.convert", *source, "--output", file]
    convert.main()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    stage("run")
    outputs = [output.name for output in session.get_outputs()]
    return dict(zip(outputs, session.run(outputs, dict(inputs)), strict=True))
