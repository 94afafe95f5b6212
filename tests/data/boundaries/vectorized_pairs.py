"""A TextVectorization with a tuple of n-grams in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


inputs = {"text": np.array([["a b"], ["c d"]])}


def build():
    text = layers.Input((1,), dtype="string", name="text")
    words = layers.TextVectorization(ngrams=(1, 2))
    words.adapt(["a b c", "b c", "c d"])
    return keras.Model(text, words(text))
