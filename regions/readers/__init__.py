"""One reader per format: each turns a file or an object into a `Network`."""
