"""Two towers in a tf.Module, and their product as a score."""

import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(4)
inputs = {
    "user": np.array([3, 0, 7], "int64"),
    "item": RNG.normal(size=(3, 5)).astype("float32"),
}


class Recommender(tf.Module):
    def __init__(self):
        super().__init__()
        self.users = tf.keras.layers.Embedding(10, 4)
        self.items = tf.keras.layers.Dense(4)
        self.users.build(())
        self.items.build((None, 5))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int64, name="user"),
            tf.TensorSpec([None, 5], tf.float32, name="item"),
        ]
    )
    def score(self, user, item):
        return {"score": tf.reduce_sum(self.users(user) * self.items(item), -1)}


def build():
    return Recommender()


def signatures(recommender):
    return recommender.score
