"""What the remark of one row asks."""
