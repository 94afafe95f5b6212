"""A layer that keeps a weight which its call assigns."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.random.default_rng(13).normal(size=(2, 3)).astype("float32")}


class Scaled(tf.keras.layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(), initializer="ones", trainable=False, name="scale")

    def call(self, inputs):
        return inputs * self.scale


def build():
    x = tf.keras.Input((3,), name="x")
    layer = Scaled()
    model = tf.keras.Model(x, tf.keras.layers.Dense(2, name="y")(layer(x)))
    layer.scale.assign(2.5)
    return model
