"""One module per format: ``from_FORMAT`` makes a `Network`, ``to_FORMAT`` writes one.

Packages that only some formats need (onnx, torch, h5py, safetensors) are imported when a file asks
for them.
"""
