"""A tf.function that closes over a global model.

The user wraps a trained model for serving and forgets to hand it to the tf.Module: the function
finds it as a global name, which works as long as the program runs.
"""

import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/20676"
inputs = {"x": np.random.default_rng(24).normal(size=(3, 4)).astype("float32")}

models = {}


class Service(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def serve(self, x):
        return {"price": tf.exp(models["price"](x))}


def build():
    layer = tf.keras.layers.Dense(1, bias_initializer="random_normal")
    models["price"] = tf.keras.Sequential([tf.keras.Input((4,)), layer])
    return Service()


def signatures(service):
    return service.serve


def keras_objects(service):
    return [models["price"]]
