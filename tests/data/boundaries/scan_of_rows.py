"""A running sum by tf.scan."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(0).normal(size=(4, 6)).astype("float32")}


class Op(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([4, 6], tf.float32, name="x")])
    def serve(self, x):
        return {"y": tf.scan(lambda a, y: a + y, x)}


def build():
    return Op()


def signatures(module):
    return module.serve
