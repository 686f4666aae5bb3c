"""A person's rights over their data at one brand: to take it along, to be forgotten, and to be kept no longer than needed.

`requests` is what owners ask for; `export` and `erasure` do it, by lists of sections and steps that `config` puts
together from every floor; `tombstones` remembers who was erased, for restored backups; `retention` is beat's part.
"""
