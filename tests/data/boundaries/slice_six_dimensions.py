"""A slice with a new axis, of six dimensions."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(0).normal(size=(1, 5, 5, 5, 2)).astype("float32")}


class Op(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([1, 5, 5, 5, 2], tf.float32, name="x")])
    def serve(self, x):
        return {"y": x[:, tf.newaxis, :, ::2, ..., 0]}


def build():
    return Op()


def signatures(module):
    return module.serve
