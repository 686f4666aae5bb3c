"""Three fictional brands with years of history, for trying the house out."""
