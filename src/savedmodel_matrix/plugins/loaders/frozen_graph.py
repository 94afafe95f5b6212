"""A frozen graph: ``convert_variables_to_constants_v2`` on the signature, loaded in Python.

The variables are those that ``tf.saved_model.load`` restores, now constants of the graph.
"""

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

name = "frozen-graph"
reads = "SavedModel"
preload = ["tensorflow"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    loaded = tf.saved_model.load(artifact.directory)
    function = loaded.signatures[signature]
    frozen = convert_variables_to_constants_v2(function)
    stage("run")
    flat = frozen(**{key: tf.constant(array) for key, array in inputs.items()})
    return tf.nest.pack_sequence_as(function.structured_outputs, flat, expand_composites=True)
