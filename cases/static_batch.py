"""A fixed batch size.

The user's accelerator takes batches of two and nothing else, so the Input states batch_size=2. The
artifact is to say the same.
"""

import keras
import numpy as np

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/pull/19462",
    "https://github.com/keras-team/keras/pull/21944",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"frame": np.random.default_rng(32).normal(size=(2, 8, 8, 1)).astype("float32")}


def build():
    frame = keras.Input((8, 8, 1), batch_size=2, name="frame")
    x = keras.layers.Conv2D(4, 3, activation="relu", bias_initializer="random_normal")(frame)
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dense(3, bias_initializer="random_normal")(x)
    return keras.Model(frame, keras.layers.Softmax()(x))
