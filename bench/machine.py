"""What this machine is: how fast it goes through plain code, and what it costs to reach an object outside its caches.

Nothing of ours is measured. Two machines that differ here differ in all other figures: the campaign follows the first
one, the growth from 10 to 1000 devices the last, for a thousand devices have no room in most caches.
"""

import random

from bench.measure import Figure, interleaved, seconds

TURNS = 2_000_000
NEAR, FAR = 1_000, 1_000_000  # objects of 48 bytes: in the nearest cache, and beyond all of them


class Node:
    """One of a ring."""

    __slots__ = ("following",)
    following: "Node"


def ring(count: int) -> Node:
    """So many, in an order that has nothing to do with where they lie."""
    nodes = [Node() for _ in range(count)]
    random.Random(count).shuffle(nodes)
    for node, following in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        node.following = following
    return nodes[0]


def walk(node: Node) -> float:
    """Seconds for as many steps along a ring as a plain loop has turns."""

    def run() -> None:
        turn, here = 0, node
        while turn < TURNS:
            turn, here = turn + 1, here.following

    return seconds(run)


def loop() -> float:
    """Seconds for the same turns without a step."""

    def run() -> None:
        turn = 0
        while turn < TURNS:
            turn += 1

    return seconds(run)


def machine(rounds: int) -> list[Figure]:
    near, far = ring(NEAR), ring(FAR)
    found = interleaved({"loop": loop, "near": lambda: walk(near), "far": lambda: walk(far)}, rounds)
    return [
        Figure("this machine, a plain loop of a million turns", found["loop"] / TURNS * 1e9, "ms"),
        Figure(
            "this machine, to reach an object beyond its caches", (found["far"] - found["near"]) / TURNS * 1e9, "ns"
        ),
    ]
