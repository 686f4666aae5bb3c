"""Files for an encoding station: what to write on chips, sealed; and its result, chips bound to units."""
