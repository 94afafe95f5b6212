"""An optimizer from tf.keras.optimizers.legacy.

The user moved to the legacy optimizers when TensorFlow 2.11 changed the others, to keep the decay
argument and old checkpoints. The trained model is saved directly, with its optimizer in it.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import BatchNormalization, Dense, Input
from tensorflow.keras.models import Sequential

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/deepchem/deepchem/issues/4564",
    "https://github.com/keras-team/keras/pull/18540",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"molecule": np.random.default_rng(45).normal(size=(3, 20)).astype("float32")}


def build():
    rng = np.random.default_rng(450)
    model = Sequential(
        [
            Input((20,), name="molecule"),
            Dense(16, activation="relu"),
            BatchNormalization(momentum=0.5),
            Dense(2, activation="softmax", name="toxic"),
        ]
    )
    optimizer = tf.keras.optimizers.legacy.Adam(learning_rate=0.01, decay=1e-4)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    molecules = rng.normal(1, 2, size=(32, 20)).astype("float32")
    model.fit(molecules, rng.integers(0, 2, 32), epochs=1, verbose=0)
    return model
