"""A Lambda layer that went through an .h5 file.

The user scales pixels with a Python lambda in a Lambda layer, right in the model, and keeps the
trained network in an .h5 file. The job that deploys loads the file and saves the model directly.
"""

import numpy as np
from tensorflow.keras import layers, models

group = "Keras file formats"
issue = [
    "https://github.com/keras-team/keras/pull/21602",
    "https://github.com/keras-team/keras/issues/19151",
]
changed = "Keras 3.11.3"
inputs = {"pixels": np.random.default_rng(37).uniform(0, 255, (2, 8, 8, 1)).astype("float32")}


def train():
    rng = np.random.default_rng(370)
    model = models.Sequential(
        [
            layers.Input((8, 8, 1), name="pixels"),
            layers.Lambda(lambda pixels: pixels / 127.5 - 1.0),
            layers.Conv2D(4, 3, activation="relu", bias_initializer="random_normal"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", name="letter"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    images = rng.uniform(0, 255, (32, 8, 8, 1)).astype("float32")
    model.fit(images, rng.integers(0, 3, 32), epochs=1, verbose=0)
    return model


def build():
    train().save("letters.h5")
    return models.load_model("letters.h5")
