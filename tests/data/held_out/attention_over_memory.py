"""MultiHeadAttention with a memory of another length."""

import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(14)
inputs = {
    "asked": RNG.normal(size=(2, 3, 4)).astype("float32"),
    "memory": RNG.normal(size=(2, 6, 4)).astype("float32"),
}


def build():
    asked, memory = tf.keras.Input((3, 4), name="asked"), tf.keras.Input((6, 4), name="memory")
    found = tf.keras.layers.MultiHeadAttention(2, 3)(asked, memory)
    return tf.keras.Model([asked, memory], tf.keras.layers.LayerNormalization(name="found")(found))
