"""SunSpec from the controller's side."""
