"""The stories that a device and the controller must tell together, and the runner that writes down what happened."""
