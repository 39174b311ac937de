"""Who answers for a model, and how that is shown: files and Git, checked.

plugin  what regrow is told: commands, checks of `regrow doctor`
cli/    one module a command
"""
