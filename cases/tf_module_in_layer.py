"""A tf.Module inside a Keras layer.

The user has a filter bank as a tf.Module, from the days before Keras, and uses it within a custom
layer. Its variable is a plain tf.Variable two attributes deep.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Custom layers and variables"
issue = [
    "https://github.com/keras-team/keras/issues/18467",
    "https://github.com/keras-team/keras/issues/16797",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"wave": np.random.default_rng(37).normal(size=(2, 16)).astype("float32")}


class FilterBank(tf.Module):
    def __init__(self, bands):
        super().__init__()
        taps = np.random.default_rng(370).normal(size=(16, bands))
        self.taps = tf.Variable(taps, dtype=tf.float32, name="taps")

    def __call__(self, wave):
        return tf.abs(tf.matmul(wave, self.taps))


class Spectrum(keras.layers.Layer):
    def __init__(self, bands):
        super().__init__()
        self.bank = FilterBank(bands)

    def call(self, inputs):
        return tf.math.log1p(self.bank(inputs))


def build():
    wave = keras.Input((16,), name="wave")
    loud = keras.layers.Dense(1, bias_initializer="random_normal")(Spectrum(6)(wave))
    return keras.Model(wave, loud)
