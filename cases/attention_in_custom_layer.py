"""Attention inside a custom layer.

The user writes an encoder block as a layer of their own, with attention, a small network and two
normalisations that are built on the first call. A model with such a block reads event sequences.

Reported against Keras 2, where load_model gave such attention fresh weights; tf.saved_model.load
restores them.
"""

import keras
import numpy as np

group = "Custom layers and variables"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/56757",
    "https://github.com/keras-team/tf-keras/issues/514",
    "https://github.com/keras-team/keras/issues/19274",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"events": np.random.default_rng(506).normal(size=(3, 7, 8)).astype("float32")}


class EncoderBlock(keras.layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(2, 4, bias_initializer="random_normal")
        self.network = keras.Sequential(
            [keras.layers.Dense(2 * width, activation="relu"), keras.layers.Dense(width)]
        )
        self.norms = [keras.layers.LayerNormalization(), keras.layers.LayerNormalization()]

    def call(self, inputs):
        x = self.norms[0](inputs + self.attention(inputs, inputs))
        return self.norms[1](x + self.network(x))


def build():
    events = keras.Input((None, 8), name="events")
    x = keras.layers.GlobalAveragePooling1D()(EncoderBlock(8)(events))
    alarm = keras.layers.Dense(1, activation="sigmoid", name="alarm")(x)
    model = keras.Model(events, alarm)
    # Eagerly: a traced training step takes longer than all the rest, and none of it is saved.
    model.compile(optimizer="adam", loss="binary_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(560)
    model.fit(rng.normal(size=(32, 7, 8)), rng.integers(0, 2, (32, 1)), verbose=0)
    return model
