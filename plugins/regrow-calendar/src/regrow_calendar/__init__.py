"""Public holidays as features.

plugin     what regrow is told: the derive step `holidays`
settings   what may stand in conf/ for it
days       whether a day is one, and how far the next ones are
"""
