"""Texts."""

from experiences.demo.spec import Block

BLOCKS: tuple[Block, ...] = ()
