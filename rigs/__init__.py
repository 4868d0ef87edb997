"""Where buses meet the controller: simulated, loopback and physical."""
