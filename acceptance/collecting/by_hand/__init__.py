"""One readable script that a person runs on a server: the question beside it, the answer back.

Others use `answer` and `answer_of`; the commands around it are in cli/by_hand.py.
"""
