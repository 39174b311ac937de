"""Text as features.

plugin      what regrow is told: the transformers `tfidf` and `hash_words`, the derive step `word_vectors`, a reader
settings    what may stand in conf/ for them
terms       words that learn from training rows, or are hashed
vectors     static vectors of words, looked up row by row
pieces      a text cut into the tokens of a vocabulary
"""
