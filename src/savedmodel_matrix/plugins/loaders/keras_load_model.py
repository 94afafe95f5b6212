"""``keras.models.load_model`` on a file of Keras's own, called like the model that was saved.

The case's module is imported, so that classes which it registers are known. A copy of the file is
loaded, as loaders may only read an artifact: Keras 3.0.0 to 3.1.1 open it for writing too, and
3.4.0 unpacks the weights beside it (keras/src/saving/saving_lib.py). What 3.4.0 leaves beside the
file when it saves is no part of it.
"""

import shutil
from pathlib import Path

import tensorflow as tf

name = "keras.models.load_model"
reads = ["Keras", "HDF5"]
preload = ["tensorflow"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    files = sorted(Path(artifact.directory).iterdir())
    (file,) = [one for one in files if not one.name.endswith(".weights.h5")]
    model = tf.keras.models.load_model(shutil.copy(file, file.name))
    stage("run")
    return artifact.call_model(model)
