"""LiteRT (``ai-edge-litert``), without TensorFlow, on the flatbuffer that the producer converted.

The flatbuffer is the one that the loader ``tflite`` gets when producer and consumer are the same.
"""

from ai_edge_litert.interpreter import Interpreter

name = "litert"
reads = "TFLite"
environment = "litert"
preload = ["ai_edge_litert.interpreter"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    interpreter = Interpreter(f"{artifact.directory}/model.tflite")
    known = interpreter.get_signature_list()
    named = [alias for alias in artifact.aliases[signature] if alias in known]
    runner = interpreter.get_signature_runner(*named[:1] or [signature])
    stage("run")
    return runner(**inputs)
