"""Who the parties of a contract are: of the names that might be, those that a learned model is sure enough of."""

from collections.abc import Sequence
from dataclasses import dataclass

from docanalyze.extract.mentions import Named, named
from docanalyze.extract.naming import HAS_FORM, key_of
from docanalyze.extract.scoring import PartyModel, party_model
from docanalyze.model import Span

_FIRST, _FURTHER, _ENOUGH = 0.4, 0.7, 2
"""A contract has two parties: of a third one the model must be surer."""
_SHORTEST_HELD = 4


@dataclass(frozen=True, slots=True)
class Party:
    """A party: where its name and alias stand in the text, and the share of such names that are parties."""

    name: Span
    alias: Span | None
    confidence: float


def parties(text: str, model: PartyModel | None = None) -> list[Party]:
    """The parties of the contract, in the order of the places that show them best."""
    return chosen(text, named(text), model or party_model())


def chosen(text: str, candidates: Sequence[Named], model: PartyModel) -> list[Party]:
    """The surest names, each party once: no name in another, none that another party is called by."""
    scored = sorted(((model.confidence(one.features), one) for one in candidates), key=lambda pair: -pair[0])
    kept: list[tuple[float, Named]] = []
    taken: set[str] = set()
    for confidence, one in scored:
        if confidence < (_FIRST if len(kept) < _ENOUGH else _FURTHER):
            break
        if one.key in taken or any(_is_again(text, one, other) for _, other in kept):
            continue
        kept.append((confidence, one))
        taken.add(one.key)
        if one.alias:
            taken.add(key_of(text[one.alias.start : one.alias.end]))
    kept.sort(key=lambda pair: pair[1].span.start)
    return [Party(one.span, _own_alias(one, place, kept), confidence) for place, (confidence, one) in enumerate(kept)]


def _is_again(text: str, one: Named, other: Named) -> bool:
    """Whether two names overlap, or the one is the other without its form or with words before it."""
    if one.span.start < other.span.end and other.span.start < one.span.end:
        return True
    if one.key.endswith(other.key) or other.key.endswith(one.key):
        return True
    held = one.key in other.key or other.key in one.key
    both = all(HAS_FORM.search(text[name.span.start : name.span.end]) for name in (one, other))
    return held and not both and len(one.key) > _SHORTEST_HELD


def _own_alias(one: Named, place: int, kept: Sequence[tuple[float, Named]]) -> Span | None:
    """What the party is called, unless another party's name stands before that."""
    if one.alias is None or place + 1 == len(kept):
        return one.alias
    following = kept[place + 1][1].span
    return None if one.span.end <= following.start < one.alias.start else one.alias
