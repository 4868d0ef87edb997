"""hesotec electrify."""
