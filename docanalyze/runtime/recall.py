"""Step 4 of the proof: whether what stands in a long context can still be told, at this setting of the cache.

Facts of our own are planted in text of our own, at several lengths: single ones at several depths, one
among many that look alike, some to be gathered, a paragraph to be given back word for word. The same is
asked over a document and over a conversation of many turns. What comes of it is a *trusted length*: up to
it, and at every shorter length that was tried, the model answered. A model that fails at the shortest
length fails for reasons of its own, and nothing is proven of the cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docanalyze.llm import Ask, Sampling, Watch, silent
from docanalyze.llm.llamacpp import LlamaCpp
from docanalyze.runtime import story
from docanalyze.runtime.story import Fact
from docanalyze.runtime.values import Check, Outcome

STEP = 4
LENGTHS = (2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 98_304, 131_072, 262_144, 524_288, 1_048_576)
DOCUMENT, CONVERSATION = "document", "conversation"
WAYS = (DOCUMENT, CONVERSATION)
LEAST = 5
"""Of six facts, the quote apart, that must be told for a length to be trusted."""
_ROOM = 768
"""Tokens kept for system text, question and answer."""
_ANSWER, _QUOTE = 64, 400
_HOPELESS = 3
"""Who tells none of so many facts tells nothing: the rest is not worth the time."""
_NOTES = 24
"""Turns that a conversation is spread over."""
_SYSTEM = "You answer questions about the text that you are given. You answer briefly, and only from it."


@dataclass(frozen=True, slots=True)
class Recalled:
    """What one model told of one text of that length. `right` of `asked` facts; the quote stands apart."""

    length: int
    way: str
    asked: int
    right: int
    quoted: bool
    wrong: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.right >= min(self.asked, LEAST) and self.quoted


def lengths_within(context: int, lengths: Sequence[int] = LENGTHS) -> list[int]:
    """The lengths that a context has room for, the whole of it last."""
    found = [length for length in lengths if length <= context]
    # One that is hardly longer than the last would prove nothing more.
    if found and context > found[-1] * 1.1:
        found.append(context)
    return found or ([context] if context > 2 * _ROOM else [])


def measure(
    server: LlamaCpp, lengths: Sequence[int] | None = None, *, seed: int = 7, watch: Watch = silent
) -> Iterator[Recalled]:
    """What is told at each length, the shortest first, both ways; none after the first length that failed."""
    for length in lengths if lengths is not None else lengths_within(server.context):
        good = True
        for way in WAYS:
            found = _asked(server, length, way, seed, watch)
            yield found
            good &= found.good
            if not found.right:
                return
        if not good:
            return


def trusted(recalls: Sequence[Recalled]) -> int | None:
    """The longest length up to which everything was told; None where the shortest failed already."""
    found = None
    for length in sorted({recalled.length for recalled in recalls}):
        if not all(recalled.good for recalled in recalls if recalled.length == length):
            break
        found = length
    return found


# -- one text --------------------------------------------------------------------------------------


def _asked(server: LlamaCpp, length: int, way: str, seed: int, watch: Watch) -> Recalled:
    facts = story.facts(seed + length)
    room = length - _ROOM - sum(server.count(sentence) + 2 for fact in facts for sentence in fact.sentences)
    if way == CONVERSATION:
        # What a template puts around a turn is not known: sixteen tokens for each of the two are plenty.
        room -= _NOTES * 2 * 16
    paragraphs = story.planted(story.text_of(server.count, max(room, 256), seed), facts)
    wrong: list[Fact] = []
    for asked, fact in enumerate(facts):
        if not fact.is_answered(_answer(server, paragraphs, fact, way, watch)):
            wrong.append(fact)
        if len(wrong) == asked + 1 == _HOPELESS:
            wrong = list(facts)
            break
    plain = [fact for fact in facts if not fact.verbatim]
    right = len(plain) - sum(not fact.verbatim for fact in wrong)
    quoted = not any(fact.verbatim for fact in wrong)
    return Recalled(length, way, len(plain), right, quoted, tuple(fact.kind for fact in wrong))


def _answer(server: LlamaCpp, paragraphs: list[str], fact: Fact, way: str, watch: Watch) -> str:
    most = _QUOTE if fact.verbatim else _ANSWER
    if way == DOCUMENT:
        ask = Ask(_SYSTEM, "\n\n".join(paragraphs) + "\n\n", fact.question, most, fact.grammar)
        return server.complete(ask, Sampling(), watch).text
    ids = server.conversation_ids([*_turns(paragraphs), ("user", fact.question)])
    return server.complete_ids(ids, most, grammar=fact.grammar, watch=watch).text


def _turns(paragraphs: list[str]) -> Iterator[tuple[str, str]]:
    """The same text, told in many turns."""
    yield "system", _SYSTEM
    each = max(1, -(-len(paragraphs) // _NOTES))
    for number, first in enumerate(range(0, len(paragraphs), each), 1):
        yield "user", f"Note {number}.\n\n" + "\n\n".join(paragraphs[first : first + each])
        yield "assistant", f"I have read note {number}."


# -- checks ----------------------------------------------------------------------------------------


def checks(
    recalls: Sequence[Recalled], wanted: Sequence[int], plain: Sequence[Recalled] | None = ()
) -> tuple[Check, ...]:
    """What was told, length by length; against `plain`, what the same model told with an f16 cache.

    `plain` is None where this is that cache.
    """
    length = trusted(recalls)
    proves = length is not None
    found = [check for recalled in recalls for check in _told(recalled, proves)]
    tried = {recalled.length for recalled in recalls}
    found += [
        Check(STEP, f"recall at {later:,}", "told", "not asked", Outcome.NOT_RUN, "a shorter length failed already")
        for later in wanted
        if later not in tried
    ]
    against = () if plain is None else (_against(recalls, plain),)
    return (*found, *against, _trusted(length, recalls))


def _told(recalled: Recalled, proves: bool) -> Iterator[Check]:
    where = f"{recalled.length:,}, {recalled.way}"
    remedy = f"not told: {', '.join(recalled.wrong)}" if recalled.wrong else ""
    good = recalled.right >= min(recalled.asked, LEAST)
    least = f"at least {min(recalled.asked, LEAST)} of {recalled.asked} facts"
    seen = f"{recalled.right} of {recalled.asked}"
    yield Check(STEP, f"recall at {where}", least, seen, _outcome(good, proves), "" if good else remedy)
    told = "word for word" if recalled.quoted else "not word for word"
    yield Check(STEP, f"quote at {where}", "word for word", told, _outcome(recalled.quoted, proves))


def _outcome(good: bool, proves: bool) -> Outcome:
    if not proves:
        # What fails at the shortest length fails for the model's own reasons, and so may what succeeds.
        return Outcome.NOT_PROVABLE
    return Outcome.PASSED if good else Outcome.FAILED


def _against(recalls: Sequence[Recalled], plain: Sequence[Recalled]) -> Check:
    """At no length that both were asked at may the quantized cache tell less than the plain one."""
    name = "against an f16 cache"
    before = {(one.length, one.way): one for one in plain}
    pairs = [(one, before[key]) for one in recalls if (key := (one.length, one.way)) in before]
    wanted = "no fewer facts, and the quote where f16 has it"
    if not pairs or trusted(plain) is None:
        remedy = "verify the same model with an f16 cache where it fits: docanalyze server start baseline"
        return Check(STEP, name, wanted, "nothing to compare with", Outcome.NOT_PROVABLE, remedy)
    worse = [one for one, f16 in pairs if one.right < f16.right or (f16.quoted and not one.quoted)]
    longest = max(one.length for one, _ in pairs)
    if worse:
        told = f"fewer at {', '.join(f'{one.length:,} ({one.way})' for one in worse)}"
        return Check(STEP, name, wanted, told, Outcome.FAILED, "take q8_0 for the keys, or for both")
    return Check(STEP, name, wanted, f"as many, up to {longest:,} tokens", Outcome.PASSED)


def _trusted(length: int | None, recalls: Sequence[Recalled]) -> Check:
    wanted = "a length up to which all is told"
    if length is None:
        shortest = f"not even at {min(one.length for one in recalls):,} tokens" if recalls else "nothing was asked"
        remedy = "this model does not answer such questions: nothing is proven of its cache"
        return Check(STEP, "trusted length", wanted, shortest, Outcome.NOT_PROVABLE, remedy)
    return Check(STEP, "trusted length", wanted, f"{length:,} tokens", Outcome.PASSED)
