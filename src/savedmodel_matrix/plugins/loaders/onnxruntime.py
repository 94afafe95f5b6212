"""ONNX Runtime on what ``python -m tf2onnx.convert --saved-model`` makes of each signature.

The conversion freezes the variables that ``tf.saved_model.load`` restores. On Arm, ONNX Runtime
can multiply float32 in bfloat16 where it is asked to; here it is told not to.
"""

import sys
from pathlib import Path

import onnxruntime
from tf2onnx import convert

name = "onnxruntime"
reads = "SavedModel"
environment = "onnxruntime"
preload = ["tensorflow", "tf2onnx.convert", "onnxruntime"]
numerics = {"mlas.enable_gemm_fastmath_arm64_bfloat16": "0"}


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    file = str(Path("model.onnx").resolve())
    source = ["--saved-model", artifact.directory, "--tag", "serve", "--signature_def", signature]
    sys.argv = ["tf2onnx.convert", *source, "--output", file]
    convert.main()
    options = onnxruntime.SessionOptions()
    for option, value in numerics.items():
        options.add_session_config_entry(option, value)
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    stage("run")
    outputs = [output.name for output in session.get_outputs()]
    return dict(zip(outputs, session.run(outputs, dict(inputs)), strict=True))
