"""TensorFlow's checkpoint: ``tf.train.Checkpoint(obj).write(prefix)``.

It holds the variables by their place in the object. Restoring it takes the code as well.
"""

from pathlib import Path

import tensorflow as tf

name = "checkpoint"
writes = "checkpoint"
settings = {}


def save(case, obj, directory):
    case.sole_call(obj)
    Path(directory).mkdir()
    tf.train.Checkpoint(obj).write(directory + "/checkpoint")
