"""A version-matrix reproduction harness for model saving in TensorFlow and Keras.

This file is loaded inside environments under test too: standard library only.
"""

__version__ = "0.1.0"
