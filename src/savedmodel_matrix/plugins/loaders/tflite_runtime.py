"""The interpreter alone, ``tflite-runtime``: what LiteRT was called before, and many devices have.

Its last release is 2.14, of October 2023; the flatbuffer is the one that the producer converted.
"""

from tflite_runtime.interpreter import Interpreter

name = "tflite-runtime"
reads = "TFLite"
environment = "tflite-runtime"
preload = ["tflite_runtime.interpreter"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    interpreter = Interpreter(f"{artifact.directory}/model.tflite")
    known = interpreter.get_signature_list()
    named = [alias for alias in artifact.aliases[signature] if alias in known]
    runner = interpreter.get_signature_runner(*named[:1] or [signature])
    stage("run")
    return runner(**inputs)
