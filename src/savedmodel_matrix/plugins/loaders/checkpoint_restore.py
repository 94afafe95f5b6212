"""``tf.train.Checkpoint(obj).restore`` into what the case's code has just made, with other weights.

Nothing is asserted of what was matched, as in most programs: the numbers tell.
"""

import tensorflow as tf

name = "Checkpoint.restore"
reads = "checkpoint"
preload = ["tensorflow"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    obj = artifact.object_anew()
    stage("load")
    tf.train.Checkpoint(obj).restore(artifact.directory + "/checkpoint")
    stage("run")
    return artifact.call_object(obj)
