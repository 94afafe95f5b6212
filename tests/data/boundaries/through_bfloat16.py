"""A cast to bfloat16 and back."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(0).normal(size=(4, 6)).astype("float32")}


class Op(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([4, 6], tf.float32, name="x")])
    def serve(self, x):
        return {"y": tf.cast(tf.cast(x, "bfloat16"), tf.float32)}


def build():
    return Op()


def signatures(module):
    return module.serve
