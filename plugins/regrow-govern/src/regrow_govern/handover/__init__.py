"""One page for whoever takes over: what the model does, who knows what, and how everything is done.

people  who knows which stage, by Git, and how few people that are
page    the page's sections, out of what the project holds
"""
