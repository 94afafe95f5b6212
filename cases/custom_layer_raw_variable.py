"""A custom layer that owns raw tf.Variables.

The user's layers predate add_weight in their code base: they create tf.Variable objects in build,
as the older guides to custom layers did. The model made of them is saved directly.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Custom layers and variables"
issue = [
    "https://github.com/keras-team/keras/issues/18467",
    "https://github.com/keras-team/keras/issues/16797",
]
inputs = {"points": np.random.default_rng(17).normal(size=(4, 5)).astype("float32")}


class Linear(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        scale = 1 / np.sqrt(input_shape[-1])
        self.w = tf.Variable(tf.random.normal([input_shape[-1], self.units], stddev=scale))
        self.b = tf.Variable(tf.random.uniform([self.units]))
        super().build(input_shape)

    def call(self, inputs):
        return tf.nn.bias_add(tf.matmul(inputs, self.w), self.b)


def build():
    points = keras.Input((5,), name="points")
    x = keras.layers.Activation("relu")(Linear(16)(points))
    return keras.Model(points, Linear(2)(x))
