"""Layers that are built while the signature is traced.

The user keeps an embedding and a head in a Sequential and never calls it: its weights come into
being when tf.saved_model.save traces the signature. The artifact goes to TensorFlow Serving.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = [
    "https://github.com/tensorflow/serving/issues/2250",
    "https://github.com/keras-team/keras/issues/20676",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"items": np.array([[1, 5, 2], [7, 0, 3]], dtype="int32")}


class Recommender(tf.Module):
    def __init__(self):
        super().__init__()
        self.network = keras.Sequential(
            [
                keras.layers.Embedding(10, 4, embeddings_initializer="random_normal"),
                keras.layers.GlobalAveragePooling1D(),
                keras.layers.Dense(3, bias_initializer="random_normal"),
            ]
        )

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.int32, name="items")])
    def recommend(self, items):
        return {"scores": self.network(items)}


def build():
    return Recommender()


def signatures(recommender):
    return recommender.recommend
