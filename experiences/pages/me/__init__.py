"""What an owner's own pages show."""
