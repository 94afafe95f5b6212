"""A StringLookup with tf-idf weights in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


inputs = {"words": np.array([["a", "b"], ["c", "b"]])}


def build():
    words = layers.Input((2,), dtype="string", name="words")
    lookup = layers.StringLookup(output_mode="tf_idf")
    lookup.adapt([["a", "b"], ["b", "c"]])
    return keras.Model(words, lookup(words))
