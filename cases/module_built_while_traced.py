"""A model in a tf.Module that is built while it is traced.

The user puts a Sequential model without an Input into a tf.Module and saves the module at once, to
try the serving before the training. The weights come into being in the middle of saving, when the
signature is traced for the first time.

Reported as an "untracked" embedding when saving; here saving succeeds, and what is saved cannot be
run. Keras 2 builds such a model at once, since there an Embedding implies the Input.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers

group = "Keras inside tf.Module"
issue = [
    "https://github.com/keras-team/keras/issues/20676",
    "https://github.com/tensorflow/serving/issues/2250",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"words": np.random.default_rng(22).integers(0, 40, (3, 7)).astype("int32")}


class Tagger(tf.Module):
    def __init__(self, vocabulary_size, tags):
        super().__init__(name="tagger")
        self.model = Sequential(
            [
                layers.Embedding(vocabulary_size, 8),
                layers.Dense(16, activation="relu", bias_initializer="random_normal"),
                layers.Dense(tags, bias_initializer="random_normal"),
            ]
        )

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32, name="words")])
    def tag(self, words):
        scores = self.model(words)
        return {"tag": tf.argmax(scores, axis=-1), "scores": scores}


def build():
    return Tagger(vocabulary_size=40, tags=5)


def signatures(tagger):
    return tagger.tag


def keras_objects(tagger):
    return [tagger.model]


def as_model(tagger):
    words = Input((None,), dtype="int32", name="words")
    scores = tagger.model(words)
    tag = layers.Lambda(lambda s: tf.argmax(s, axis=-1), output_shape=(None,))(scores)
    return tf.keras.Model(words, {"tag": tag, "scores": scores})
