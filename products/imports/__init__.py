"""What comes in as a file: chip profiles and units."""
