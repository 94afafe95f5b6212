"""An Embedding behind a StringLookup.

The user recommends products by name: a lookup layer turns the name into an index, an embedding
turns that into a vector. Both live in a tf.Module, so that the server takes plain strings.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Preprocessing, tables and assets"
issue = [
    "https://github.com/tensorflow/serving/issues/2250",
    "https://github.com/keras-team/keras/issues/20676",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"product": np.array([b"coffee", b"tea", b"never seen", b"bread"], dtype=object)}


class Recommender(tf.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.lookup = keras.layers.StringLookup(vocabulary=vocabulary)
        self.embedding = keras.layers.Embedding(self.lookup.vocabulary_size(), 16)
        self.score = keras.layers.Dense(3, bias_initializer="random_normal")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="product")])
    def recommend(self, product):
        return {"scores": self.score(self.embedding(self.lookup(product)))}


def build():
    recommender = Recommender(["coffee", "tea", "bread", "butter"])
    recommender.recommend(tf.constant(["tea"]))
    return recommender


def signatures(recommender):
    return recommender.recommend


def as_model(recommender):
    product = keras.Input((), dtype="string", name="product")
    scores = recommender.score(recommender.embedding(recommender.lookup(product)))
    return keras.Model(product, {"scores": scores})
