"""A keras.Variable in a tf.Module.

The user writes their own layer-free model: a tf.Module that owns its weights. Since the rest of
the code base is Keras 3 they take keras.Variable for them, and tf.Variable where there is none.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = "https://github.com/tensorflow/tensorflow/issues/84019"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(21).normal(size=(3, 4)).astype("float32")}

Variable = getattr(keras, "Variable", tf.Variable)


class Linear(tf.Module):
    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(210)
        self.w = Variable(rng.normal(size=(4, 2)).astype("float32"), name="w")
        self.b = Variable(rng.normal(size=2).astype("float32"), name="b")

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def serve(self, x):
        return tf.matmul(x, tf.convert_to_tensor(self.w)) + tf.convert_to_tensor(self.b)


def build():
    return Linear()


def signatures(linear):
    return linear.serve
