"""``keras.models.load_model`` on a file of Keras's own, called like the model that was saved.

The case's module is imported, so that classes which it registers are known.
"""

from pathlib import Path

import tensorflow as tf

name = "keras.models.load_model"
reads = ["Keras", "HDF5"]
preload = ["tensorflow"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    (file,) = Path(artifact.directory).iterdir()
    model = tf.keras.models.load_model(str(file))
    stage("run")
    return artifact.call_model(model)
