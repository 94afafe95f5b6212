"""One trunk, three heads, a dict of outputs."""

import numpy as np
import tensorflow as tf

inputs = {"visit": np.random.default_rng(6).normal(size=(4, 7)).astype("float32")}


def build():
    layers = tf.keras.layers
    visit = tf.keras.Input((7,), name="visit")
    trunk = layers.Dense(6, activation="relu")(visit)
    heads = {
        "buys": layers.Dense(1, activation="sigmoid", name="buys")(trunk),
        "minutes": layers.Dense(1, activation="softplus", name="minutes")(trunk),
        "topic": layers.Dense(4, activation="softmax", name="topic")(trunk),
    }
    return tf.keras.Model(visit, heads)
