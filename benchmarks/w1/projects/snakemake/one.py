"""One stage with another learning rate: python one.py STAGE RATE."""

import sys
from pathlib import Path

import script

stage, rate = sys.argv[1:]
said = script.settings()
said["model"]["learning_rate"] = float(rate)
script.run(stage, said, into=Path("runs") / rate)
