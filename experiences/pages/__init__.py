"""Building pages: from a handled tap to dataclasses that templates show without a query."""
