"""Warm stages: a fork server that holds the libraries, so that a stage starts in hundredths of a second.

place     where the server of this user and this environment listens, and what tells it from every other
client    hand a command over to it, or start it and keep it while a run lasts
line      one of a single process's own, such as a replay's: no place, and nobody else's requests
guard     takes the socket away when the server was killed
server    `python -m regrow.warm`: one loop that forks a child for each command
child     a forked child becomes the process that the command would have started in

Nothing depends on it: where there is no server, the same command runs by itself, to the same bytes.
"""
