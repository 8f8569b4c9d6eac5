"""A code base in Windows: what matters most in full, more in outline, the rest by name; or all of it in several."""

from collections.abc import Collection, Sequence

from docanalyze.model import Coverage, Document, Tree, Window
from docanalyze.pack.choosing import Links, Measured, Sizes, choose
from docanalyze.pack.laid import Laid
from docanalyze.pack.parting import into_parts
from docanalyze.pack.prose import Count, counted_window
from docanalyze.pack.receipt import coverage, files_covered
from docanalyze.pack.rendering import TextOf, fill, render, text_sizes, tree_sizes


def into_mixed(
    document: Document,
    budget: int,
    count: Count,
    ranks: Sequence[float],
    graph: Links,
    *,
    focused: Collection[int] = (),
    whole: bool = False,
) -> tuple[tuple[Window, ...], Coverage]:
    """The Windows of a code base, at most `budget` tokens each, and the receipt of what is how fully in which.

    All in full in one Window if that fits. Else one Window at mixed detail; with `whole` as many as
    all files in full take. `focused` are the places of files that come first. `document` has a tree.
    WindowError if the budget does not hold the smallest overview.
    """
    laid = Laid(document)
    sizes = sizes_for(laid.tree, count, laid.text_of)
    measured = Measured(laid.tree, ranks, graph, sizes, count, laid.form, focused)
    choice = choose(measured, budget)
    if whole and not choice.is_whole:
        windows, contents, files = into_parts(laid, measured, budget)
        return tuple(windows), coverage(laid, contents, files)
    choice = fill(choice, laid.text_of)
    text, shown = render(choice, laid.text_of)
    window = Window(1, text, tuple(laid.placed(shown)), choice.tokens, budget)
    return (counted_window(window, count),), coverage(laid, [shown], files_covered(choice))


def sizes_for(tree: Tree, count: Count, text_of: TextOf) -> Sizes:
    """The sizes that the Tree has, if they are of the vocabulary that counts; else all texts are counted."""
    own = tree.vocabulary and tree.vocabulary == getattr(count, "sha256", "")
    return tree_sizes if own else text_sizes(count, text_of)
