"""Dict inputs and two outputs.

The user's shop predicts from the last visits of a customer what comes next and whether it will be
bought. Everything has a name: the inputs go in as a dict, one of them a mask, the outputs come out
as a dict, and clients send and read JSON with these names.
"""

import numpy as np
import tensorflow as tf

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/issues/19771",
    "https://github.com/keras-team/keras/pull/19663",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "visits": np.random.default_rng(13).normal(size=(3, 6, 4)).astype("float32"),
    "valid": np.arange(6) < np.array([[6], [2], [4]]),
    "country": np.array([[3], [0], [7]], dtype="int64"),
}


def build():
    visits = tf.keras.Input((6, 4), name="visits")
    valid = tf.keras.Input((6,), dtype="bool", name="valid")
    country = tf.keras.Input((1,), dtype="int64", name="country")
    encode = tf.keras.layers.Dense(12, activation="relu", bias_initializer="random_normal")
    history = tf.keras.layers.GlobalAveragePooling1D()(encode(visits), mask=valid)
    place = tf.keras.layers.Flatten()(tf.keras.layers.Embedding(10, 4)(country))
    x = tf.keras.layers.Concatenate()([history, place])
    following = tf.keras.layers.Dense(5, activation="softmax", name="next_item")(x)
    bought = tf.keras.layers.Dense(1, activation="sigmoid", name="bought")(x)
    return tf.keras.Model(
        {"visits": visits, "valid": valid, "country": country},
        {"next_item": following, "bought": bought},
    )
