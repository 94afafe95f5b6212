"""Tracking by hand: ``obj.v = layer.variables``.

The Keras variables themselves become an attribute of what is saved.
"""

name = "track-keras-variables"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    held = case.keras_objects(obj)
    if not held:
        raise case.not_applicable("the object holds no Keras object whose variables to track")
    obj.v = [variable for keras_object in held for variable in keras_object.variables]
    case.save(obj, directory)
