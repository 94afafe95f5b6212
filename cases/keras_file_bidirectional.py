"""A bidirectional LSTM that went through a .keras file.

The user's training job writes model.keras; the job that deploys reads it and saves the model for
serving. The weights sit in cells within wrappers within the file.

Reported for Keras 3.0 to 3.3, which could not read its own file; Keras 3.15.1 reads it.
"""

import numpy as np
import tensorflow as tf

group = "Keras file formats"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/65395",
    "https://github.com/keras-team/keras/issues/19615",
    "https://github.com/keras-team/keras/issues/18913",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"series": np.random.default_rng(43).normal(size=(2, 5, 3)).astype("float32")}


def build():
    series = tf.keras.Input((5, 3), name="series")
    x = tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4))(series)
    label = tf.keras.layers.Dense(2, name="label", bias_initializer="random_normal")(x)
    trained = tf.keras.Model(series, label)
    # Eagerly: a traced training step takes longer than all the rest, and none of it is saved.
    trained.compile(optimizer="adam", loss="mse", run_eagerly=True)
    rng = np.random.default_rng(430)
    x = rng.normal(size=(8, 5, 3)).astype("float32")
    trained.fit(x, rng.normal(size=(8, 2)), epochs=1, verbose=0)
    trained.save("model.keras")
    return tf.keras.models.load_model("model.keras")
