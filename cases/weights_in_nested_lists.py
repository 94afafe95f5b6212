"""Layers in nested lists.

The user's network has stages, and each stage has blocks of two layers: a list of lists, filled
with append while it is made. The subclassed model is trained with fit and saved directly.
"""

import numpy as np
import tensorflow as tf

group = "Custom layers and variables"
issue = [
    "https://github.com/keras-team/keras/issues/20598",
    "https://github.com/keras-team/keras/issues/16797",
]
inputs = {"inputs": np.random.default_rng(33).normal(size=(3, 10)).astype("float32")}


class Stages(tf.keras.layers.Layer):
    def __init__(self, widths):
        super().__init__()
        self.stages = []
        for width in widths:
            stage = []
            stage.append(tf.keras.layers.Dense(width, activation="relu"))
            stage.append(tf.keras.layers.LayerNormalization())
            self.stages.append(stage)

    def call(self, inputs):
        for dense, norm in self.stages:
            inputs = norm(dense(inputs))
        return inputs


class Network(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.body = Stages([16, 8])
        self.head = tf.keras.layers.Dense(2, activation="softmax")

    def call(self, inputs):
        return self.head(self.body(inputs))


def build():
    rng = np.random.default_rng(330)
    model = Network()
    model.compile("adam", "sparse_categorical_crossentropy")
    x = rng.normal(size=(32, 10)).astype("float32")
    model.fit(x, rng.integers(0, 2, 32), epochs=1, verbose=0)
    return model
