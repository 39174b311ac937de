"""What regrow costs beside a plain Python process and beside other tools, on the machine at hand.

environments -> peers (W1's projects), growth, flights -> rounds -> results.json -> tables, plots -> docs/benchmarks.md
"""
