"""Keras files without Keras: .keras, a zip of JSON and HDF5, and .h5, the HDF5 of Keras 2.

This module opens the files and finds the weights of each layer; `keras_layers` reads the layers.
"""

import io
import json
import re
from collections import Counter

import numpy as np

from ..errors import ReadError
from ..files import open_zip, regular
from .hdf5 import array, child, names, text
from .keras_layers import MODELS, OWN_MODULES, REMEDY, KerasChain, own_kind
from .optional_packages import parsing, require


def from_keras(path):
    """The `Network` of a Keras 3 file; see `from_keras_h5`.

    Raises
    ------
    ReadError
        Not a .keras file of Keras 3, a branch, another layer (named), another activation.
    """
    h5py = require("h5py", "keras")
    with (
        parsing("keras", REMEDY),
        regular(path) as file,
        open_zip(file) as archive,
    ):
        model = json.loads(archive.read("config.json"))
        stored = io.BytesIO(archive.read("model.weights.h5"))
    chain = KerasChain()
    with parsing("keras", REMEDY):
        weights = h5py.File(stored, "r")
    with weights, parsing("keras", REMEDY):
        chain.model(model, _Saved(h5py, weights))
    return chain.network()


def from_keras_h5(path):
    """The `Network` of a model that Keras 2 or 3 saved as .h5: Sequential or functional, a plain chain.

    How a final ReLU and layers without ReLU between them are read: see `Chain`. A softmax or sigmoid at
    the end is left out with a `ReadWarning`.

    Raises
    ------
    ReadError
        Not such a file, weights alone, a branch, another layer (named), another activation.
    """
    h5py = require("h5py", "keras")
    with regular(path) as file:
        with parsing("Keras .h5", REMEDY):
            stored = h5py.File(file, "r")
        with stored:
            with parsing("Keras .h5", REMEDY):
                config = stored.attrs.get("model_config")
                model = None if config is None else json.loads(text(config))
            if model is None:
                raise ReadError(
                    "the file holds no model_config: it is no Keras model, or its weights alone; save the "
                    "whole model with model.save(path)"
                )
            chain = KerasChain()
            with parsing("Keras .h5", REMEDY):
                chain.model(model, _Legacy(h5py, child(h5py, stored, "model_weights")))
    return chain.network()


def is_keras_model(thing):
    """Whether this is a model of Keras' own classes, or of a class that extends them."""
    return any(
        kind.__module__.split(".")[0] in OWN_MODULES and kind.__name__ in MODELS
        for kind in type(thing).__mro__
    )


def from_keras_model(model):
    """The `Network` of a model in memory; see `from_keras_h5` for what is read.

    Raises
    ------
    ReadError
        A class of one's own (a subclass of Model computes what its author wrote), methods that were
        replaced, and what the files are refused for.
    """
    kind = type(model)
    own = kind.__module__.split(".")[0] in OWN_MODULES
    described = {
        "class_name": kind.__name__,
        "module": "keras" if own else kind.__module__,
        "config": model.get_config() if own else {},
    }
    own_kind(described, "the model")
    chain = KerasChain()
    with parsing("Keras model", REMEDY):
        chain.model(described, _InMemory(model))
    return chain.network()


class _InMemory:
    """The weights of the layers of a model in memory."""

    def __init__(self, model):
        self._layers = {layer.name: layer for layer in model.layers}

    def arrays(self, kind, name):
        layer = self._layers.get(name)
        if layer is None:  # an input, which Keras does not list
            return []
        if {"call", "__call__"} & set(vars(layer)):
            raise ReadError(f"the call of layer {name!r} was replaced; save the model without that")
        return [np.asarray(values) for values in layer.get_weights()]

    def inner(self, kind, name):
        return _InMemory(self._layers[name])


class _Saved:
    """The weights of the layers of a container in a .keras file, each asked for in turn."""

    def __init__(self, h5py, group):
        self._h5py, self._layers, self._seen = h5py, child(h5py, group, "layers"), Counter()
        self._by_name = {}
        for key in self._layers or ():
            variables = child(h5py, self._layers, f"{key}/vars")
            if variables is not None and "name" in variables.attrs:
                self._by_name[text(variables.attrs["name"])] = key

    def arrays(self, kind, name):
        """The arrays of the next layer of class ``kind``, called ``name``."""
        group = child(self._h5py, self._layers, f"{self._key(kind, name)}/vars")
        if group is None:
            return []
        return [
            array(child(self._h5py, group, key))
            for key in sorted(group, key=lambda key: int(key) if key.isdecimal() else -1)
        ]

    def inner(self, kind, name):
        """The same for the layers of the model ``name`` inside this one."""
        return _Saved(self._h5py, child(self._h5py, self._layers, self._key(kind, name)))

    def _key(self, kind, name):
        """Keras names groups after the class and counts repeats: dense, dense_1, ..."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
        repeats, self._seen[snake] = self._seen[snake], self._seen[snake] + 1
        counted = f"{snake}_{repeats}" if repeats else snake
        return self._by_name.get(name, counted)


class _Legacy:
    """The same for a .h5: a group for each layer of the outermost model, in it the names of its arrays."""

    def __init__(self, h5py, group):
        self._h5py, self._group = h5py, group

    def arrays(self, kind, name):
        group = child(self._h5py, self._group, name) if self._group is not None else None
        if group is None:
            return []
        return [self._array(group, weight) for weight in names(group, "weight_names")]

    def inner(self, kind, name):
        return _Consumed(self.arrays(kind, name))

    def _array(self, group, weight):
        found = child(self._h5py, group, weight)
        if found is None:
            raise ReadError(f"the array {weight} of {group.name} is missing; {REMEDY}")
        return array(found)


class _Consumed:
    """Arrays of an inner model in a .h5: one list for all its layers, in their order."""

    def __init__(self, arrays):
        self._left = list(arrays)

    def arrays(self, kind, name):
        if kind != "Dense":
            return []
        # a kernel, and a bias if the next one is a vector
        count = 1 + (len(self._left) > 1 and self._left[1].ndim == 1)
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def inner(self, kind, name):
        return self
