"""Text of our own to measure with: plain sentences without end, and facts that stand in them once.

The same seed gives the same words. Nothing in it was ever printed, so no model has read it before.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PLACES = (
    "Arlow Brentham Caswick Dunmere Elstow Farrowby Gatling Haverley Inskip Jarrowby Kelmarsh Lindrick Marlow "
    "Netherby Ormsby Penwick Quarrel Rushmere Selwick Tarring Ulverton Wexcombe Yarmley Zennor"
).split()
_PEOPLE = (
    "Adeyemi Bergstrom Castellanos Dubois Eriksen Fujimoto Grabowski Haddad Ibarra Jankovic Kowalczyk Lindqvist "
    "Moreau Nakagawa Okonkwo Petrov Quispe Rasmussen Szabo Takahashi Ueda Vasquez Wolanski Yilmaz"
).split()
_THINGS = "ledgers barrels crates lanterns ropes maps pumps valves sacks tiles".split()
_COLOURS = "amber blue crimson green ivory silver violet white".split()
_WORK = "counted repaired painted moved weighed inspected labelled stored".split()
_WHEN = (
    "Before noon|On the last day of the month|After the inspection|During the dry season|Late in the evening|"
    "At the start of the week|Once the road was open|When the river was low"
).split("|")
_WHY = (
    "because the old list had been lost|as the council had asked|without telling the office in {place}|"
    "while the second team waited at the gate|so that the carriers from {place} could leave early|"
    "and wrote the result on the board by the door|although nobody had expected a delivery|"
    "and the clerk in {place} agreed to it the next day"
).split("|")
_REST = (
    "The weather stayed calm, and {person} walked back along the canal to {place}.",
    "{person} asked for a second opinion from {place}, which arrived after some days.",
    "Nothing of note was written in the diary of {place} until {person} came back.",
    "The bridge near {place} was closed again, so {person} took the longer road by the mill.",
    "A letter to {person} in {place} was returned, since the address could not be read.",
)


_NUMBER, _THOUSANDS = re.compile(r"\d+"), re.compile(r"(?<=\d),(?=\d{3}\b)")
_DIGITS = "root ::= [0-9] [0-9, ]{0,59}"
_WORDS = 'root ::= "Resolution " [^<]{1,900}'


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that stands once in a text, a question about it, and all that a right answer has in it."""

    kind: str
    sentences: tuple[str, ...]
    question: str
    wanted: tuple[str, ...]
    verbatim: bool = False

    @property
    def grammar(self) -> str:
        """What an answer may look like: no model is to think aloud, or to explain itself."""
        return _WORDS if self.verbatim else _DIGITS

    def is_answered(self, answer: str) -> bool:
        """Whether the answer has all that is wanted: numbers as such, a quote word for word."""
        said = " ".join(answer.split())
        if self.verbatim:
            return all(" ".join(words.split()) in said for words in self.wanted)
        return set(self.wanted) <= set(_NUMBER.findall(_THOUSANDS.sub("", said)))


def sentences(seed: int) -> Iterator[str]:
    """Sentences without end. Their numbers have at most two digits: none is taken for a fact's."""
    draw = random.Random(seed)  # noqa: S311 - the same words each time is what is wanted
    while True:
        if draw.random() < 0.3:
            yield draw.choice(_REST).format(person=draw.choice(_PEOPLE), place=draw.choice(_PLACES))
        else:
            why = draw.choice(_WHY).format(place=draw.choice(_PLACES))
            yield (
                f"{draw.choice(_WHEN)} {draw.choice(_PEOPLE)} {draw.choice(_WORK)} {draw.randint(2, 90)} "
                f"{draw.choice(_COLOURS)} {draw.choice(_THINGS)} in {draw.choice(_PLACES)} {why}."
            )


def paragraphs(seed: int) -> Iterator[str]:
    """Paragraphs of six sentences without end."""
    drawn = sentences(seed)
    while True:
        yield " ".join(next(drawn) for _ in range(6))


def text_of(count: Callable[[str], int], most: int, seed: int = 0) -> list[str]:
    """As many paragraphs as `most` tokens hold."""
    found: list[str] = []
    total = 0
    for paragraph in paragraphs(seed):
        total += count(f"{paragraph}\n\n")
        if total > most:
            return found
        found.append(paragraph)
    return found


def facts(seed: int) -> tuple[Fact, ...]:
    """Facts for one text: three by themselves, two among eight that look alike, one of four parts, one quote."""
    draw = random.Random(seed + 1)  # noqa: S311 - see above
    places, people, colours = draw.sample(_PLACES, 4), draw.sample(_PEOPLE, 8), draw.sample(_COLOURS, 4)
    numbers = [str(number) for number in draw.sample(range(10_000, 100_000), 20)]
    single = [
        Fact(
            "single",
            (f"The access code of the depot in {place} is {number}.",),
            f"What is the access code of the depot in {place}? Answer with the number alone.",
            (number,),
        )
        for place, number in zip(places[:3], numbers, strict=False)
    ]
    lockers = tuple(
        f"The locker of {person} has the number {n}." for person, n in zip(people, numbers[3:11], strict=True)
    )
    keyed = [
        Fact(
            "one of many",
            lockers if asked == 2 else (),
            f"Which number has the locker of {people[asked]}? Answer with the number alone.",
            (numbers[3 + asked],),
        )
        for asked in (2, 5)
    ]
    barges = tuple(f"The {colour} barge carries {n} bricks." for colour, n in zip(colours, numbers[11:15], strict=True))
    gathered = Fact(
        "gathered",
        barges,
        "How many bricks does each of the four barges carry? Answer with the four numbers alone.",
        tuple(numbers[11:15]),
    )
    return (*single, *keyed, gathered, _quote(draw, numbers[15:], places[3]))


def _quote(draw: random.Random, numbers: list[str], place: str) -> Fact:
    """A paragraph of some eighty words to be given back letter by letter."""
    person, other = draw.sample(_PEOPLE, 2)
    name = f"Resolution {numbers[0]}"
    words = (
        f"{name}: The wardens of {place}, having heard {person} and {other}, resolve that no more than {numbers[1]} "
        f"sheets of copper shall leave the north yard in any one season; that each sheet be stamped with the mark "
        f"of the yard and the number {numbers[2]}; that whoever carries them unstamped shall pay {numbers[3]} pence "
        f"for the first sheet and twice as much for every further one; and that this be read aloud at the gate on "
        f"the {draw.randint(2, 27)}th day of each month until {other} says otherwise."
    )
    return Fact(
        "quote", (words,), f"Write out {name} word for word, beginning with its name, and nothing else.", (words,), True
    )


def planted(paragraphs: list[str], facts: tuple[Fact, ...]) -> list[str]:
    """The paragraphs with all sentences of the facts in them, spread evenly from a tenth to nine tenths."""
    spread = _spread([list(fact.sentences) for fact in facts])
    found = list(paragraphs)
    for position, sentence in enumerate(spread):
        share = 0.1 + 0.8 * position / max(1, len(spread) - 1)
        at = min(len(found) - 1, int(share * len(found)))
        found[at] = f"{found[at]} {sentence}"
    return found


def _spread(groups: list[list[str]]) -> list[str]:
    """The sentences of all groups, those of one far from each other."""
    found: list[tuple[float, str]] = []
    for number, group in enumerate(groups):
        found += [((place + (number + 1) / (len(groups) + 1)) / len(group), s) for place, s in enumerate(group)]
    return [sentence for _, sentence in sorted(found)]
