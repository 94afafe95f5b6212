"""TextVectorization in a model, saved directly.

The user wants the server to take raw sentences, so the vocabulary is part of the model: adapted
to the texts first, then trained with the rest. The lookup table has to survive the saving too.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers

group = "Preprocessing, tables and assets"
issue = "https://github.com/keras-team/keras/issues/19274"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"review": np.array([[b"A fine film"], [b"dull, DULL acting!"]], dtype=object)}

REVIEWS = ["a fine film", "fine acting and a good story", "a dull film", "dull story, bad acting"]


def build():
    vectorize = layers.TextVectorization(max_tokens=200, output_sequence_length=8)
    vectorize.adapt(tf.constant(REVIEWS))
    model = Sequential(
        [
            Input((1,), dtype="string", name="review"),
            vectorize,
            layers.Embedding(200, 16),
            layers.GlobalAveragePooling1D(),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid", name="positive"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", run_eagerly=True)
    model.fit(tf.constant([[r] for r in REVIEWS]), np.array([1, 1, 0, 0]), epochs=3, verbose=0)
    return model
