"""Benchmarks as ratios within one run: the tap against a tap written plainly. `make bench`, docs/performance.md."""
