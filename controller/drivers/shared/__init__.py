"""What drivers on every wire have in common."""
