"""Bytes in, bytes and a delay out: one module a wire, and how each of them can break."""
