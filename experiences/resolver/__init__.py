"""The GS1 Digital Link resolver: from a link of a thing to the pages about it.

Source: GS1-Conformant Resolver Standard 1.2, and RFC 9264 for the linkset. A request is read (`asked`),
the thing is found with the links of each of its levels (`things`), and one of three answers is made:
the link that fits (`choosing`), the list of all (`linkset`), or why there is none.
"""
