"""OpenVINO on the ``.xml`` and ``.bin`` that ``model.export`` of Keras wrote.

It computes in float32, whatever the processor would prefer: see the loader ``openvino``.
"""

import openvino

from . import _exported

name = "openvino-file"
reads = "OpenVINO"
environment = "exported"
preload = ["tensorflow"]
numerics = {"INFERENCE_PRECISION_HINT": "f32"}


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    model = openvino.Core().read_model(f"{artifact.directory}/model.xml")
    compiled = openvino.compile_model(model, "CPU", numerics)
    names = [one.any_name for one in compiled.inputs]
    stage("run")
    return artifact.call_model(
        _exported.Exported(names, lambda fed: list(compiled(fed).to_tuple()))
    )
