"""Reading builds a great many values without a cycle among them: looking for cycles is time lost."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Runs what is inside without the collector of cycles, which would take a quarter of the time.

    Only for work that ends by itself and whose values hold no cycles; counted references are freed
    as always. Does nothing where the collector is off already.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # Both only pass lists on: all that was built is old now, or the first collection would go through it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
