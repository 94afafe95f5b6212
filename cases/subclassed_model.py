"""A subclassed model, saved directly.

The user writes a residual network as a subclass of Model and trains it with fit, which builds it
on the way. They save the object without ever saying what its input looks like.
"""

import numpy as np
import tensorflow as tf

group = "Models saved directly"
issue = "https://github.com/keras-team/keras/issues/19274"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"inputs": np.random.default_rng(9).normal(size=(3, 8)).astype("float32")}


class ResidualBlock(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.first = tf.keras.layers.Dense(units, activation="relu")
        self.second = tf.keras.layers.Dense(units)
        self.norm = tf.keras.layers.LayerNormalization()

    def build(self, input_shape):
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], self.first.units))
        self.norm.build(input_shape)
        super().build(input_shape)

    def call(self, inputs):
        return self.norm(inputs + self.second(self.first(inputs)))


class ResidualNetwork(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [ResidualBlock(8), ResidualBlock(8)]
        self.head = tf.keras.layers.Dense(3, activation="softmax")

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return self.head(inputs)


def build():
    rng = np.random.default_rng(90)
    x = rng.normal(size=(48, 8)).astype("float32")
    model = ResidualNetwork()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, rng.integers(0, 3, 48), epochs=2, verbose=0)
    return model
