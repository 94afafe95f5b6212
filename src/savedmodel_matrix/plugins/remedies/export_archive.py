"""``keras.export.ExportArchive``: track every Keras object, add an endpoint per signature.

The endpoints are the functions that the case serves anyway, under the same names. What the archive
refuses to track, such as a metric of Keras 3, is left to it: it finds the variables that an
endpoint uses by itself.
"""

import tensorflow as tf

name = "export-archive"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    tracked = case.keras.layers.Layer, tf.__internal__.tracking.Trackable
    held = [one for one in case.keras_objects(obj) if isinstance(one, tracked)]
    if not held:
        raise case.not_applicable("the object holds no Keras object that could be tracked")
    archive = case.keras.export.ExportArchive()
    for keras_object in held:
        archive.track(keras_object)
    for endpoint, function in case.served(obj).items():
        if isinstance(function, tf.types.experimental.ConcreteFunction):
            archive.add_endpoint(endpoint, function, case.specs_in_call(endpoint, obj))
        elif isinstance(function, tf.types.experimental.GenericFunction):
            case.trace(endpoint, function)
            archive.add_endpoint(endpoint, function)
        else:
            call = function.call if hasattr(function, "call") else function
            archive.add_endpoint(endpoint, call, case.specs_in_call(endpoint, obj))
    archive.write_out(directory)
