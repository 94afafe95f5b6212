"""One encoder that reads both sides of a pair."""

import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(1)
inputs = {
    "left": RNG.normal(size=(3, 6)).astype("float32"),
    "right": RNG.normal(size=(3, 6)).astype("float32"),
}


def build():
    left, right = (tf.keras.Input((6,), name=name) for name in ("left", "right"))
    encoder = tf.keras.Sequential(
        [tf.keras.layers.Dense(5, activation="tanh"), tf.keras.layers.Dense(4)]
    )
    distance = tf.keras.layers.Subtract()([encoder(left), encoder(right)])
    alike = tf.keras.layers.Dense(1, activation="sigmoid", name="alike")(distance)
    return tf.keras.Model([left, right], alike)
