"""``keras.layers.TFSMLayer``: a SavedModel as a layer of a Keras 3 model.

It takes what the signature's name stands for in the loaded object, else the signature. By its
documentation only endpoints with a single argument are supported.
"""

import tensorflow as tf

name = "TFSMLayer"
reads = "SavedModel"
since = "2.16"
preload = ["tensorflow"]


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    stage("load")
    layer = tf.keras.layers.TFSMLayer(artifact.directory, call_endpoint=signature)
    stage("run")
    tensors = {key: tf.constant(array) for key, array in inputs.items()}
    result = layer(*tensors.values()) if len(tensors) == 1 else layer(tensors)
    if isinstance(result, dict):
        return {key: tensor.numpy() for key, tensor in result.items()}
    outputs = artifact.signatures[signature]["outputs"]
    flat = tf.nest.flatten(result)
    names = list(outputs) if len(flat) == 1 else [f"output_{i}" for i in range(len(flat))]
    return {key: tensor.numpy() for key, tensor in zip(names, flat, strict=True)}
