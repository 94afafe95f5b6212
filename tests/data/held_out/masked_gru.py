"""Zeros that an Embedding masks, and a GRU that skips them."""

import numpy as np
import tensorflow as tf

inputs = {"tokens": np.array([[4, 2, 0, 0], [1, 5, 3, 0], [2, 2, 2, 2]], "int32")}


def build():
    tokens = tf.keras.Input((None,), dtype="int32", name="tokens")
    x = tf.keras.layers.Embedding(6, 4, mask_zero=True)(tokens)
    return tf.keras.Model(tokens, tf.keras.layers.GRU(5, name="summary")(x))
