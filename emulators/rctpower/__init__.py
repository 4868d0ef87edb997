"""RCT Power."""
