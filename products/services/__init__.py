"""Writes on brands, products, chips, jobs and files."""
