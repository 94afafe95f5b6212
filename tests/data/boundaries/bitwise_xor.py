"""bitwise_xor."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(0).integers(1, 9, size=(4, 6)).astype("int32")}


class Op(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([4, 6], tf.int32, name="x")])
    def serve(self, x):
        return {"y": tf.bitwise.bitwise_xor(x, 3)}


def build():
    return Op()


def signatures(module):
    return module.serve
