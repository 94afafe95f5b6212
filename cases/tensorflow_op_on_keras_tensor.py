"""A TensorFlow function in a Functional model.

The user compares two texts by the cosine of their embeddings, and writes that with tf.math and
tf.reduce_sum on the symbolic tensors of a Functional model. Keras 2 made layers of such calls.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras/issues/18467",
    "https://github.com/taipingeric/yolo-v4-tf.keras/issues/27",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "question": np.random.default_rng(42).normal(size=(3, 16)).astype("float32"),
    "answer": np.random.default_rng(43).normal(size=(3, 16)).astype("float32"),
}


def build():
    question = tf.keras.Input((16,), name="question")
    answer = tf.keras.Input((16,), name="answer")
    encode = tf.keras.layers.Dense(8, bias_initializer="random_normal")
    left = tf.math.l2_normalize(encode(question), axis=-1)
    right = tf.math.l2_normalize(encode(answer), axis=-1)
    cosine = tf.reduce_sum(left * right, axis=-1, keepdims=True)
    fits = tf.keras.layers.Dense(
        1, activation="sigmoid", bias_initializer="random_normal", name="fits"
    )(cosine)
    return tf.keras.Model([question, answer], fits)
