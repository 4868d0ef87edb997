"""The physics of a site: what is true, without wire, control or maker's name."""
