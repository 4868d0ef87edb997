"""GoodWe."""
