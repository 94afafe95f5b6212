"""``keras.layers.TFSMLayer``: a SavedModel as a layer of a Keras 3 model.

It takes what the signature's name stands for in the loaded object, else the signature; of a
function that ``model.export`` serves under two names, ``serve``, its default. A function is called
as its parameters ask, those beyond the first by keyword. A signature of several inputs takes
nothing but keywords, which the layer has no way to give it: its documentation says so.
"""

import tensorflow as tf

name = "TFSMLayer"
reads = "SavedModel"
since = "2.16"
preload = ["tensorflow"]
ENDPOINT = "serve"


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    endpoint = ENDPOINT if ENDPOINT in artifact.aliases[signature] else signature
    stage("load")
    layer = tf.keras.layers.TFSMLayer(artifact.directory, call_endpoint=endpoint)
    stage("run")
    tensors = {key: tf.constant(array) for key, array in inputs.items()}
    first, *others = _arguments(layer.call_endpoint_fn, tensors)
    result = layer(first[1], **dict(others))
    if isinstance(result, dict):
        return result
    outputs = artifact.signatures[signature]["outputs"]
    flat = tf.nest.flatten(result)
    names = list(outputs) if len(flat) == 1 else [f"output_{i}" for i in range(len(flat))]
    return dict(zip(names, flat, strict=True))


def _arguments(endpoint, tensors):  # noqa: ANN001, ANN202
    """Return the tensors by parameter of the endpoint, in the structures that it was traced with.

    Specs whose name is no input's are taken in order, as TensorFlow numbers them: ``args_0``,
    ``args_0_1``.
    """
    if len(tensors) == 1:
        return list(tensors.items())
    traced = getattr(endpoint, "concrete_functions", [endpoint])[0]
    positional, keywords = traced.structured_input_signature
    if not positional:
        return [("", tensors)]
    parameters = dict(zip(traced.function_type.parameters, positional, strict=False)) | keywords
    specs = [s for s in tf.nest.flatten(parameters) if isinstance(s, tf.TypeSpec)]
    numbered = iter(sorted(tensors.keys() - {s.name for s in specs}, key=lambda k: (len(k), k)))

    def filled(spec):  # noqa: ANN001, ANN202
        return tensors[spec.name if spec.name in tensors else next(numbered)]

    return [
        (name, tf.nest.map_structure(filled, value))
        for name, value in parameters.items()
        if all(isinstance(s, tf.TypeSpec) for s in tf.nest.flatten(value))
    ]
