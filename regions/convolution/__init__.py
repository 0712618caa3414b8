"""Convolutional networks: what they are made of, and the affine layers that they amount to."""

from .network import ConvolutionalNetwork as ConvolutionalNetwork
from .steps import Convolution as Convolution
from .steps import Pooling as Pooling
from .steps import Relu as Relu
