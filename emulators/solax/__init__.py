"""SolaX Power."""
