"""``tf.lite.TFLiteConverter.from_saved_model`` as it comes: built-in ops only, no optimisation.

One flatbuffer holds every signature.
"""

from pathlib import Path

import tensorflow as tf

name = "tflite"
reads = "SavedModel"
writes = "TFLite"


def convert(artifact, directory):  # noqa: ANN001, ANN201, D103
    converter = tf.lite.TFLiteConverter.from_saved_model(artifact.directory)
    (Path(directory) / "model.tflite").write_bytes(converter.convert())
