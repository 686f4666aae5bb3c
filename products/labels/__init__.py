"""Printed codes: one as a picture, thousands as sheets of labels."""
