"""A file that Keras exported, called like the model that it was: inputs go in by their names."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np


class Exported:
    """What a runtime has loaded; ``run`` takes arrays by name and returns the outputs in order."""

    def __init__(self, names: Iterable[str], run: Callable[[dict[str, Any]], Any]) -> None:
        self._names, self._run = list(names), run

    def call(self, inputs: Any) -> Any:
        """Return the outputs for one tensor, or for tensors by the names of the model's inputs.

        Raises LookupError where the file has other names: nothing says then which input is which.
        """
        if not isinstance(inputs, dict):
            inputs = {next(iter(self._names), ""): inputs}
        if sorted(inputs) != sorted(self._names):
            raise LookupError(f"the file takes {self._names}, the model takes {sorted(inputs)}")
        return self._run({name: np.asarray(value) for name, value in inputs.items()})

    __call__ = call


def in_order(outputs: dict[str, Any]) -> Any:
    """Return outputs that have names as TensorFlow flattens them; ``output_N`` is the N-th."""
    if all(name.startswith("output_") and name[7:].isdigit() for name in outputs):
        return [outputs[name] for name in sorted(outputs, key=lambda name: int(name[7:]))]
    return outputs
