"""A subclassed model that was never called.

The user loads weights of their own later and only wants the architecture in the artifact, so they
save a fresh subclassed model. Nothing has told it what its input looks like.
"""

import numpy as np
import tensorflow as tf

group = "Models saved directly"
issue = "https://github.com/keras-team/keras/issues/19720"
inputs = {"x": np.random.default_rng(25).normal(size=(3, 4)).astype("float32")}


class Classifier(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(8, activation="relu")
        self.out = tf.keras.layers.Dense(2, bias_initializer="random_normal")

    def call(self, x):
        return self.out(self.hidden(x))


def build():
    return Classifier()
