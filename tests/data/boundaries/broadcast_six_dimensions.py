"""Broadcasting to six dimensions."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(0).normal(size=(1, 5, 5, 5, 2)).astype("float32")}


class Op(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([1, 5, 5, 5, 2], tf.float32, name="x")])
    def serve(self, x):
        return {"y": tf.broadcast_to(x[tf.newaxis], [2, 1, 5, 5, 5, 2])}


def build():
    return Op()


def signatures(module):
    return module.serve
