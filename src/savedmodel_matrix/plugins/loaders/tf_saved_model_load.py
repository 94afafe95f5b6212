"""``tf.saved_model.load`` in Python, and the signature called by keyword.

Restores through the object graph.
"""

import tensorflow as tf

name = "tf.saved_model.load"
reads = "SavedModel"
preload = ["tensorflow"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    loaded = tf.saved_model.load(artifact.directory)
    function = loaded.signatures[signature]
    stage("run")
    return function(**{key: tf.constant(array) for key, array in inputs.items()})
