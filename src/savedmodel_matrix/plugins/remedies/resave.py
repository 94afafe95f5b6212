"""Saved as written, loaded in Python, and saved again.

Needs no source of the model: an artifact that is already on disk can be repaired like this.
"""

import tensorflow as tf

name = "resave"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    case.save(obj, directory + "-before")
    loaded = tf.saved_model.load(directory + "-before")
    tf.saved_model.save(loaded, directory, signatures=loaded.signatures)
