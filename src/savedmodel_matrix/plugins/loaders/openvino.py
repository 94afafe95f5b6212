"""OpenVINO's own SavedModel reader, without TensorFlow.

It reads the graph of the signature ``serving_default`` and the checkpoint by itself
(https://docs.openvino.ai, "Converting a TensorFlow Model"). It computes in float32: left to itself
it takes bfloat16 or float16 where the processor has instructions for them
(https://docs.openvino.ai, "Precision Control"), and the numbers then differ from those expected.
"""

import openvino

name = "openvino"
reads = "SavedModel"
environment = "openvino"
preload = ["openvino"]
numerics = {"INFERENCE_PRECISION_HINT": "f32"}


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    model = openvino.Core().read_model(artifact.directory)
    if "serving_default" not in artifact.aliases[signature]:
        raise LookupError(f"OpenVINO reads serving_default only, not {signature}")
    compiled = openvino.compile_model(model, "CPU", numerics)
    stage("run")
    outputs = compiled(dict(inputs))
    return {key: outputs[key] for key in artifact.signatures[signature]["outputs"]}
