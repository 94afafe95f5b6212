"""Tracking by hand: ``obj.v = [v.value for v in layer.variables]``.

The raw ``tf.Variable`` inside each Keras 3 variable becomes an attribute of what is saved. In
Keras 2 a variable is a ``tf.Variable`` already, and its ``value`` is a method.
"""

import tensorflow as tf

name = "track-tf-variables"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    held = case.keras_objects(obj)
    if not held:
        raise case.not_applicable("the object holds no Keras object whose variables to track")
    variables = [variable for keras_object in held for variable in keras_object.variables]
    raw = [getattr(variable, "value", None) for variable in variables]
    obj.v = [r if isinstance(r, tf.Variable) else v for r, v in zip(raw, variables, strict=True)]
    case.save(obj, directory)
