"""Small stories in which one has to remember who owns what, made by drawing words."""

import re

import numpy as np

PADDING, START, END = 0, 1, 2  # bytes that no story has
PEOPLE = {"Ana": "her", "Kusi": "his", "Rosa": "her", "Inti": "his", "Luz": "her", "Omar": "his"}
PEOPLE |= {"Tika": "her", "Pedro": "his"}
THINGS = "kite drum hat rope flute lamp book bell cup ball".split()
KINDS = ("new", "old", "small", "blue", "lovely", "broken")
PLACES = "market river school field hill bridge lake well".split()
ANIMALS = {"llama": "llamas", "dog": "dogs", "goat": "goats", "duck": "ducks"}
WEATHER = ("It rains", "The sun shines", "A cold wind blows", "It snows")
GOING = {"walks": "walk", "runs": "run", "hurries": "hurry", "climbs": "climb"}
RESTING = {"sleeps": "sleep", "eats": "eat", "waits": "wait", "drinks": "drink"}
LOSING = ("loses", "drops", "forgets", "hides")
FINDING = ("finds", "sees", "gets")
TIMES = ("In the evening", "At night", "The next day")


def story(rng: np.random.RandomState) -> str:
    """One story; a word behind * can be known from an earlier sentence alone."""

    def one(words):
        words = list(words)
        return words[rng.randint(len(words))]

    a, b = rng.choice(list(PEOPLE), 2, replace=False)
    own = dict(zip((a, b), rng.choice(THINGS, 2, replace=False)))
    (taker, owner), last = ((a, b) if rng.randint(2) else (b, a)), one((a, b))
    goes, rests, beast, several = one(GOING), one(RESTING), one(ANIMALS), rng.randint(2)
    herd = ANIMALS[beast] if several else beast
    count = one(("Two", "Three", "Many")) if several else one(("One", "A", "An old"))
    passes, lies = (GOING[goes], RESTING[rests]) if several else (goes, rests)
    lines = [
        f"{a}'s {own[a]} and {b}'s {own[b]} are {one(KINDS)}.",
        f"{one(WEATHER)}, and they {GOING[one(GOING)]} to the {one(PLACES)}.",
        f"{taker} {one(LOSING)} {owner}'s *{own[owner]} there,",
        f"and {owner} looks for {PEOPLE[owner]} *{own[owner]} everywhere.",
        f"{count} {herd} {passes} by.",
        f"{one(TIMES)} {one((a, b))} {one(FINDING)} {last}'s *{own[last]} again,",
        f"and the {herd} {lies}.",
    ]
    return " ".join(lines)


def least_nats() -> float:
    """Nats that the draws of one story take: no model can foretell a story with fewer."""
    options = [len(PEOPLE), len(PEOPLE) - 1, len(THINGS), len(THINGS) - 1, 2, 2, 2, 2, 3]
    lists = (GOING, GOING, RESTING, ANIMALS, KINDS, WEATHER, PLACES, LOSING, TIMES, FINDING)
    return float(np.log([*options, *map(len, lists)]).sum())


def stories(count: int, seed: int = 0) -> list[str]:
    """Distinct stories, with their marks."""
    rng, found = np.random.RandomState(seed), {}
    while len(found) < count:
        found[story(rng)] = None
    return list(found)


def plain(marked: str) -> str:
    """A story as people read it."""
    return marked.replace("*", "")


def until_end(ids: list[int]) -> list[int]:
    """The tokens before the end of a story, or all."""
    return ids[: ids.index(END)] if END in ids else ids


def wrong_owners(story: str) -> tuple[int, int]:
    """How many later owners the first sentence contradicts, and how many later ones there are."""
    pairs = re.findall(r"(\w+)'s (\w+)", story)
    owns = dict(pairs[:2])
    return sum(owns.get(who) != thing for who, thing in pairs[2:]), len(pairs[2:])


def unigram_entropy(learn: np.ndarray, test: np.ndarray) -> float:
    """Nats a token, if each token is foretold by how often it occurs in the training stories."""
    counts = (
        np.bincount(learn[:, 1:].ravel(), minlength=1 + int(max(learn.max(), test.max()))) + 1e-3
    )
    counts[PADDING] = 0
    told = test[:, 1:][test[:, 1:] != PADDING]
    return float(-np.log(counts[told] / counts.sum()).mean())
