"""No Keras at all: variables of TensorFlow in a tf.Module."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(15).normal(size=(3, 2)).astype("float32")}


class Linear(tf.Module):
    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable([[1.0, -2.0], [0.5, 3.0]], name="kernel")
        self.bias = tf.Variable([0.1, 0.2], name="bias")

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def serve(self, x):
        return {"y": x @ self.kernel + self.bias}


def build():
    return Linear()


def signatures(linear):
    return linear.serve
