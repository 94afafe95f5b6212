"""Keras 2 through tf-keras: TF_USE_LEGACY_KERAS=1.

The variable must be set before TensorFlow is imported, and tf-keras must be installed. It
turns ``tf.keras`` and ``tensorflow.keras`` into tf-keras; code that imports ``keras`` itself is
not reached.
"""

name = "legacy-keras"
writes = "SavedModel"
settings = {"TF_USE_LEGACY_KERAS": "1"}


def save(case, obj, directory):
    case.save(obj, directory)
