"""LiteRT (``ai-edge-litert``) on the flatbuffer that ``model.export`` of Keras wrote."""

from ai_edge_litert.interpreter import Interpreter

from . import _exported

name = "litert-file"
reads = "LiteRT"
environment = "exported"
preload = ["tensorflow"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    interpreter = Interpreter(f"{artifact.directory}/model.tflite")
    known = interpreter.get_signature_list()
    served = next(iter(known))
    runner = interpreter.get_signature_runner(served)
    stage("run")
    return artifact.call_model(
        _exported.Exported(known[served]["inputs"], lambda fed: _exported.in_order(runner(**fed)))
    )
