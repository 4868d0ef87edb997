"""The device's side of the wire: bytes in, bytes and a delay out."""
