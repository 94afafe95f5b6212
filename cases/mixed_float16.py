"""Mixed precision with half outputs.

The user trains with the mixed_float16 policy on a GPU. As the guide asks, the prediction is
computed in float32; the features beside it stay in half precision, to save bandwidth.
"""

import numpy as np
import tensorflow as tf

group = "Numeric types"
issue = "https://github.com/keras-team/keras/issues/19274"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
tolerance = 5e-3  # a float16 has three digits, and no two versions round the last one alike
inputs = {"pixels": np.random.default_rng(18).random((3, 64), dtype=np.float32)}


def build():
    tf.keras.mixed_precision.set_global_policy("mixed_float16")
    pixels = tf.keras.Input((64,), name="pixels")
    x = tf.keras.layers.Dense(32, activation="relu", bias_initializer="random_normal")(pixels)
    features = tf.keras.layers.Dense(8, bias_initializer="random_normal", name="features")(x)
    prediction = tf.keras.layers.Dense(
        10, activation="softmax", dtype="float32", bias_initializer="random_normal", name="digit"
    )(features)
    return tf.keras.Model(pixels, {"features": features, "digit": prediction})
