"""Signals of clones and of the grey market, computed from the ledger and decided by staff.

`story` is what the rules see, `rules` are pure, `sweep` reads the ledger behind the tap and hands findings to
`services`, which write doubts. Nothing here is shown to an owner, and nothing runs on the tap's path.
"""
