"""A stateful GRU that goes on where the history ended.

The user reads two machines' sensors a few steps at a time: a stateful GRU with a fixed batch of two
remembers what came before. It is warmed up on the history so far and then saved, so that the server
continues from there.
"""

import numpy as np
import tensorflow as tf

group = "Recurrent and stateful layers"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/34644",
    "https://github.com/tensorflow/serving/issues/724",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"readings": np.random.default_rng(31).normal(size=(2, 5, 3)).astype("float32")}
input_specs = {"readings": tf.TensorSpec([2, 5, 3], tf.float32, name="readings")}


def build():
    readings = tf.keras.Input(batch_shape=(2, 5, 3), name="readings")
    x = tf.keras.layers.GRU(8, stateful=True, return_sequences=True)(readings)
    x = tf.keras.layers.GRU(8, stateful=True)(x)
    wear = tf.keras.layers.Dense(1, bias_initializer="random_normal", name="wear")(x)
    model = tf.keras.Model(readings, wear)
    history = np.random.default_rng(310).normal(size=(2, 40, 3)).astype("float32")
    for start in range(0, 40, 5):
        model(history[:, start : start + 5])
    return model
