"""An owner's own pages."""
