"""TFLite: the SavedModel converted by TensorFlow's converter, then its own interpreter.

The converter freezes the variables that a V1 session restores. Where that session leaves some
uninitialised, what happens depends on the version, from an abort to silently wrong numbers.
"""

import tensorflow as tf

name = "tflite"
reads = "TFLite"
preload = ["tensorflow"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    interpreter = tf.lite.Interpreter(f"{artifact.directory}/model.tflite")
    known = interpreter.get_signature_list()
    named = [alias for alias in artifact.aliases[signature] if alias in known]
    runner = interpreter.get_signature_runner(*named[:1] or [signature])
    stage("run")
    return runner(**inputs)
