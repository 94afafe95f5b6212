"""An embedding of a megabyte, exported.

The user ships a model to small machines and counts bytes: the table of an embedding is nearly all
of it. The artifact is written with model.export and is to be no larger than its weights.

Nothing fails: Keras 3 writes every variable twice, which the size of the artifact shows.
"""

import numpy as np
import tensorflow as tf

group = "Size"
issue = [
    "https://github.com/keras-team/keras/issues/23553",
    "https://github.com/keras-team/keras/pull/23563",
]
inputs = {"words": np.array([[7, 1999, 0, 64], [5, 5, 812, 3]], dtype="int32")}


def build():
    table = tf.keras.layers.Embedding(2000, 128, embeddings_initializer="random_normal")
    words = tf.keras.Input((4,), name="words", dtype="int32")
    x = tf.keras.layers.GlobalAveragePooling1D()(table(words))
    topic = tf.keras.layers.Dense(5, activation="softmax", bias_initializer="random_normal")(x)
    return tf.keras.Model(words, topic)


def save(model, directory):
    model.export(directory)
