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
    runner = interpreter.get_signature_runner(signature)
    stage("run")
    return runner(**inputs)
