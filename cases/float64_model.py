"""A model in double precision.

The user solves an inverse problem in which float32 is too coarse: every layer has dtype float64.
The clients send doubles and expect doubles.
"""

import numpy as np
import tensorflow as tf

group = "Numeric types"
issue = "https://github.com/tensorflow/tensorflow/issues/35379"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"angles": np.random.default_rng(38).normal(size=(3, 4))}


def build():
    angles = tf.keras.Input((4,), name="angles", dtype="float64")
    x = angles
    for units in (8, 8):
        layer = tf.keras.layers.Dense(
            units, activation="tanh", bias_initializer="random_normal", dtype="float64"
        )
        x = layer(x)
    torque = tf.keras.layers.Dense(2, dtype="float64", name="torque")(x)
    model = tf.keras.Model(angles, torque)
    model.compile(optimizer="sgd", loss="mse")
    rng = np.random.default_rng(380)
    model.fit(rng.normal(size=(16, 4)), rng.normal(size=(16, 2)), epochs=1, verbose=0)
    return model
