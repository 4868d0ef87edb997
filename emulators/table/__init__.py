"""A maker's table: rows of registers, how they are coded, and what stands behind them."""
