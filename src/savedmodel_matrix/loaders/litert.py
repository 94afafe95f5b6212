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
    runner = interpreter.get_signature_runner(signature)
    stage("run")
    return runner(**inputs)
