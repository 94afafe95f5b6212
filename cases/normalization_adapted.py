"""An adapted Normalization layer.

The user's model takes raw measurements: a Normalization layer in front has learnt mean and
variance of each with adapt. The model is saved directly.
"""

import numpy as np
import tensorflow as tf

group = "Preprocessing, tables and assets"
issue = "https://github.com/tensorflow/tensorflow/issues/57573"
inputs = {"measurements": np.array([[180.0, 71.5], [165.0, 60.0]], dtype="float32")}


def build():
    rng = np.random.default_rng(34)
    people = rng.normal([172.0, 70.0], [9.0, 12.0], size=(200, 2)).astype("float32")
    scale = tf.keras.layers.Normalization()
    scale.adapt(people)
    measurements = tf.keras.Input((2,), name="measurements")
    scaled = scale(measurements)
    distance = tf.keras.layers.Multiply()([scaled, scaled])
    mean = tf.keras.layers.AveragePooling1D(2)(tf.keras.layers.Reshape((2, 1))(distance))
    return tf.keras.Model(measurements, tf.keras.layers.Flatten()(mean))
