"""A model in double precision.

The user fits small physical corrections and sets the default of Keras to float64, since float32
would lose them. The model is subclassed and saved directly; its inputs and outputs are doubles.
"""

import numpy as np
import tensorflow as tf

group = "Numeric types"
issue = [
    "https://github.com/keras-team/keras/issues/19458",
    "https://github.com/tensorflow/tensorflow/issues/36790",
]
inputs = {"inputs": 1 + 1e-9 * np.random.default_rng(36).normal(size=(4, 6))}


class Correction(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(12, activation="tanh", bias_initializer="random_normal")
        self.out = tf.keras.layers.Dense(1, bias_initializer="random_normal")

    def call(self, inputs):
        return self.out(self.hidden((inputs - 1) * 1e9))


def build():
    tf.keras.backend.set_floatx("float64")
    rng = np.random.default_rng(360)
    model = Correction()
    model.compile("sgd", "mse")
    x = 1 + 1e-9 * rng.normal(size=(32, 6))
    model.fit(x, x.sum(axis=1, keepdims=True), epochs=1, verbose=0)
    return model
