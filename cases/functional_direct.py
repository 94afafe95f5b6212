"""A Functional model, saved directly.

The user trains a Functional model on integer features and hands the Keras model itself to
tf.saved_model.save, as the guides to serving did for years. Its input and output layers are named,
and clients are expected to use these names.
"""

import keras
import numpy as np

group = "Models saved directly"
issue = [
    "https://github.com/keras-team/keras/issues/19458",
    "https://github.com/keras-team/keras/issues/19274",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"tokens": np.random.default_rng(8).integers(0, 50, (3, 12)).astype("int32")}


def build():
    tokens = keras.Input((12,), dtype="int32", name="tokens")
    x = keras.layers.Embedding(50, 16)(tokens)
    x = keras.layers.GlobalAveragePooling1D()(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(x)
    model = keras.Model(tokens, score)
    model.compile(optimizer="adam", loss="binary_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(80)
    model.fit(rng.integers(0, 50, (64, 12)), rng.integers(0, 2, (64, 1)), epochs=3, verbose=0)
    return model
