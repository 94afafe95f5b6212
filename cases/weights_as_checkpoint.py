"""save_weights in the format of TensorFlow's checkpoints.

The user keeps weights beside the code with model.save_weights("weights/best"), which wrote a
TensorFlow checkpoint, and reads them into a fresh model before it is saved for serving.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras-core/issues/664",
    "https://github.com/c2siorg/tensormap/issues/411",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(48).normal(size=(3, 4)).astype("float32")}


def network():
    return tf.keras.Sequential(
        [
            tf.keras.Input((4,), name="x"),
            tf.keras.layers.Dense(6, activation="relu", bias_initializer="random_normal"),
            tf.keras.layers.Dense(2, bias_initializer="random_normal"),
        ]
    )


def build():
    network().save_weights("weights/best")
    model = network()
    model.load_weights("weights/best").expect_partial()
    return model
