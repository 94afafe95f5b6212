"""ONNX Runtime on the file that ``model.export`` of Keras wrote, beside the code of the case."""

import onnxruntime

from . import _exported

name = "onnxruntime-file"
reads = "ONNX"
environment = "exported"
preload = ["tensorflow"]
numerics = {"mlas.enable_gemm_fastmath_arm64_bfloat16": "0"}


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    options = onnxruntime.SessionOptions()
    for option, value in numerics.items():
        options.add_session_config_entry(option, value)
    file = f"{artifact.directory}/model.onnx"
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    stage("run")
    return artifact.call_model(_exported.Exported(names, lambda fed: session.run(None, fed)))
