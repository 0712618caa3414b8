"""Two machine instructions that NumPy does not offer to compiled code."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def count_ones(typing_context, word):
    """Number of set bits of a uint64."""

    def generate(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


@intrinsic
def lowest_one(typing_context, word):
    """Position of the lowest set bit of a uint64; 64 when there is none."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate
