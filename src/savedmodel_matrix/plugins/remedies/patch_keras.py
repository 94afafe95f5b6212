"""One line of Keras 3 mended before saving: the variable that is restored is the one that is read.

Keras maps its variable to a second ``tf.Variable`` when it exports, and the signature reads the
first. Keras 2 has no such line and is left as it is.
"""

import importlib

name = "patch-keras"
writes = "SavedModel"
settings = {}


def export(self, object_map, tensor_map, options, **kwargs):
    resources = self.value._export_to_saved_model_graph(object_map, tensor_map, options, **kwargs)
    object_map[self] = object_map[self.value]  # Keras: tf.Variable(object_map[self.value])
    return resources


def save(case, obj, directory):
    try:
        core = importlib.import_module("keras.src.backend.tensorflow.core")
    except ImportError:
        core = None  # Keras 2, or Keras 3 before its code moved to keras.src
    if core is not None and hasattr(core.Variable, "_export_to_saved_model_graph"):
        core.Variable._export_to_saved_model_graph = export
    case.save(obj, directory)
