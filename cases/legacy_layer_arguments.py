"""Arguments of layers that Keras 3 no longer takes.

The user's network has grown over years: a GRU with time_major, and an embedding that is given its
pretrained vectors with weights=. It is saved directly.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras/issues/20750",
    "https://github.com/keras-team/keras/issues/19441",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"words": np.array([[1, 2, 3, 0], [7, 5, 2, 9]], dtype="int32")}


def build():
    vectors = np.random.default_rng(52).normal(size=(10, 6)).astype("float32")
    words = tf.keras.Input((4,), name="words", dtype="int32")
    x = tf.keras.layers.Embedding(10, 6, weights=[vectors], trainable=False)(words)
    x = tf.keras.layers.GRU(5, time_major=False, implementation=1)(x)
    mood = tf.keras.layers.Dense(2, name="mood", bias_initializer="random_normal")(x)
    return tf.keras.Model(words, mood)
