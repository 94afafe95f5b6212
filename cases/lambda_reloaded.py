"""A Lambda layer that went through a .keras file.

The user turns pixels into the range that the network wants with a Python lambda in a Lambda layer,
and keeps the trained model in a .keras file, which the job that deploys reads back.
"""

import numpy as np
import tensorflow as tf

group = "Keras file formats"
issue = [
    "https://github.com/keras-team/keras/issues/19151",
    "https://github.com/keras-team/keras/pull/21602",
]
inputs = {"pixels": np.array([[0.0, 127.0, 255.0], [10.0, 20.0, 30.0]], dtype="float32")}


def build():
    trained = tf.keras.Sequential(
        [
            tf.keras.Input((3,), name="pixels"),
            tf.keras.layers.Lambda(lambda pixels: pixels / 127.5 - 1.0),
            tf.keras.layers.Dense(4, activation="relu", bias_initializer="random_normal"),
            tf.keras.layers.Dense(2, bias_initializer="random_normal"),
        ]
    )
    trained.save("model.keras")
    return tf.keras.models.load_model("model.keras")
