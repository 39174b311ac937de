"""Pictures as features.

plugin     what regrow is told: the reader `files`, the derive step `picture`
settings   what may stand in conf/ for them
files      a folder of files as rows
pictures   a picture as numbers: its pixels, or what an ONNX model says
"""
