"""Which stories are told of which rows, and what is written down of them."""
