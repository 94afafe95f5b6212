"""A functional model within a subclassed one, built by a call."""

import numpy as np
import tensorflow as tf

inputs = {"inputs": np.random.default_rng(16).normal(size=(2, 5)).astype("float32")}


class Outer(tf.keras.Model):
    def __init__(self):
        super().__init__()
        x = tf.keras.Input((5,))
        self.inner = tf.keras.Model(x, tf.keras.layers.Dense(4, activation="relu")(x))
        self.head = tf.keras.layers.Dense(2)

    def call(self, inputs):
        return self.head(self.inner(inputs))


def build():
    model = Outer()
    model(inputs["inputs"])
    return model
