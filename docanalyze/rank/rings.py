"""Rings of a directed graph: Tarjan's strongly connected parts, without recursion."""

from collections.abc import Iterator, Mapping, Sequence


def rings(edges: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """The strongly connected parts, each before those that lead to it. Takes time linear in the edges."""
    return _Tarjan(edges).run()


class _Tarjan:
    def __init__(self, edges: Mapping[int, Sequence[int]]) -> None:
        self.edges = edges
        self.number: dict[int, int] = {}
        self.low: dict[int, int] = {}
        self.stack: list[int] = []
        self.on_stack: set[int] = set()
        self.found: list[list[int]] = []

    def run(self) -> list[list[int]]:
        for start in self.edges:
            if start not in self.number:
                self._from(start)
        return self.found

    def _enter(self, place: int) -> tuple[int, Iterator[int]]:
        self.number[place] = self.low[place] = len(self.number)
        self.stack.append(place)
        self.on_stack.add(place)
        return place, iter(self.edges.get(place, ()))

    def _from(self, start: int) -> None:
        open_ = [self._enter(start)]
        while open_:
            place, ahead = open_[-1]
            for other in ahead:
                if other not in self.number:
                    open_.append(self._enter(other))
                    break
                if other in self.on_stack:
                    self.low[place] = min(self.low[place], self.number[other])
            else:
                open_.pop()
                if open_:
                    above = open_[-1][0]
                    self.low[above] = min(self.low[above], self.low[place])
                if self.low[place] == self.number[place]:
                    self._close(place)

    def _close(self, place: int) -> None:
        ring: list[int] = []
        while not ring or ring[-1] != place:
            ring.append(self.stack.pop())
            self.on_stack.discard(ring[-1])
        self.found.append(ring)
