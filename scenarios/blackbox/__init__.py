"""Any controller as a black box: a house of emulated devices on real sockets, and a judge at its grid connection."""
