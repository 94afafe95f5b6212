"""A layer that normalises text with TensorFlow Text.

The user wants the server to take brands as people type them: a layer of their own folds case and
accents with TensorFlow Text, before the name is hashed and scored. The artifact then has ops that
TensorFlow lacks: they are in a package that whoever loads the artifact has to import first.
"""

import numpy as np
import tensorflow as tf
import tensorflow_text as text
from tensorflow.keras import Input, Sequential, layers

group = "Preprocessing, tables and assets"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/55568",
    "https://github.com/tensorflow/java/issues/517",
]
requires = ["tensorflow-text", "setuptools<82"]  # on 2.15 with pkg_resources: tensorflow/hub#934
inputs = {"brand": np.array([["Café NOIR"], ["cafe noir"], ["Tee"]], dtype=object)}


class Normalize(layers.Layer):
    def call(self, names):
        plain = text.normalize_utf8(text.case_fold_utf8(names), "NFKD")
        return tf.strings.regex_replace(plain, r"\p{Mn}", "")


def build():
    return Sequential(
        [
            Input((1,), dtype="string", name="brand"),
            Normalize(dtype="string"),
            layers.Hashing(64),
            layers.Embedding(64, 8),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid", name="liked"),
        ]
    )
