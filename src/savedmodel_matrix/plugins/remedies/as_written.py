"""Saved as the case itself does it.

Nothing is changed: ``tf.saved_model.save(obj, directory, signatures=…)`` unless the case saves
in a way of its own.
"""

name = "as-written"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    case.save(obj, directory)
