"""What a network is: layers, convolutions, chains of affine maps, sets of patterns."""

from .convolutional import ConvolutionalNetwork as ConvolutionalNetwork
from .image_steps import Convolution as Convolution
from .image_steps import Pooling as Pooling
from .image_steps import Relu as Relu
from .network import Layer as Layer
from .network import Network as Network
from .network import real_array as real_array
from .patterns import PatternSet as PatternSet
from .slopes import require_relu as require_relu
