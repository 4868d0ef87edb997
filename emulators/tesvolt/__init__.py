"""TESVOLT, with the GRIDCON PCS of Maschinenfabrik Reinhausen."""
