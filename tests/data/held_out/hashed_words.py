"""A Hashing layer and an Embedding, on strings."""

import numpy as np
import tensorflow as tf

inputs = {"word": np.array([[b"red"], [b"green"], [b"blue"]], dtype=object)}


def build():
    word = tf.keras.Input((1,), dtype="string", name="word")
    numbers = tf.keras.layers.Hashing(num_bins=16)(word)
    vectors = tf.keras.layers.Embedding(16, 3)(numbers)
    return tf.keras.Model(word, tf.keras.layers.Flatten(name="vector")(vectors))
