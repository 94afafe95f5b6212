"""A compiled model that went through an .h5 file.

The user compiles with loss="mse" and metrics=["mse"], as every tutorial did, and keeps the trained
model in an .h5 file. The job that deploys reads it back and saves it for serving.
"""

import numpy as np
import tensorflow as tf

group = "Keras file formats"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/70263",
    "https://github.com/keras-team/keras/issues/19330",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(44).normal(size=(3, 4)).astype("float32")}


def build():
    rng = np.random.default_rng(440)
    trained = tf.keras.Sequential(
        [
            tf.keras.Input((4,), name="x"),
            tf.keras.layers.Dense(8, activation="relu"),
            tf.keras.layers.Dense(1, bias_initializer="random_normal"),
        ]
    )
    trained.compile(optimizer="adam", loss="mse", metrics=["mse"])
    trained.fit(rng.normal(size=(16, 4)), rng.normal(size=(16, 1)), epochs=1, verbose=0)
    trained.save("model.h5")
    return tf.keras.models.load_model("model.h5")
