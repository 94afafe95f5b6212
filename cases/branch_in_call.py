"""A Python if on a tensor in a layer's call.

The user clips outliers only where a batch has any, with a plain if, as AutoGraph has turned into
graph code since TensorFlow 2.0. The layer is one of a Functional model.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Control flow, XLA"
issue = "https://github.com/keras-team/keras/issues/18467"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.array([[0.5, -2.0, 30.0], [1.0, 0.1, -0.2]], dtype="float32")}


class Clip(keras.layers.Layer):
    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def call(self, inputs):
        if tf.reduce_max(tf.abs(inputs)) > self.limit:
            inputs = tf.clip_by_value(inputs, -self.limit, self.limit)
        return inputs


def build():
    x = keras.Input((3,), name="x")
    return keras.Model(x, keras.layers.Dense(2, bias_initializer="random_normal")(Clip(3.0)(x)))
