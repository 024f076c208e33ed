import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of

OK_FORMAT = False
name = "train_bpe"


def listed(merges):
    """Merges as one line of text, so that a message can show them whole."""
    return ", ".join(f"{first!r}+{second!r}" for first, second in merges)


def assert_pairs_of_bytes(merges):
    assert isinstance(merges, list), f"{kind_of(merges)} came back, not a list of merges"
    for merge in merges:
        good = isinstance(merge, tuple | list) and len(merge) == 2
        assert good and all(isinstance(part, bytes) for part in merge), (
            f"a merge is a pair of bytes; among yours is {merge!r:.100}"
        )


@test_case(name="train_bpe: the most frequent pair comes first", points=0)
def worked_merges(train_bpe):
    merges = train_bpe("banana bandana", 3)
    assert_pairs_of_bytes(merges)
    expect(listed(merges))


@test_case(name="train_bpe: of equally frequent pairs the largest comes first", points=0)
def largest_of_equals(train_bpe):
    # each pair occurs once; zb stands neither first nor last
    merges = train_bpe("gf zb ay", 4)
    assert_pairs_of_bytes(merges)
    expect(listed(merges))


@test_case(name="train_bpe: pairs stay inside a piece", points=0)
def inside_pieces(train_bpe):
    # once no is one token, no and the space meet four times, but in no piece
    merges = train_bpe("no no no no so", 3)
    assert_pairs_of_bytes(merges)
    expect(listed(merges))


@test_case(name="bpe_encode: a letter may be several bytes", points=0)
def bytes_of_letters(bpe_encode):
    ids = bpe_encode("año 7", [])
    wrong = [i for i in ids if not 0 <= i < 256]
    assert not wrong, f"without merges an id is a byte, 0 to 255; yours has {wrong[0]}"
    expect(ids)
    expect(bpe_encode("ñandú, año", [(b"\xc3", b"\xb1"), (b"a", b"\xc3\xb1")]))


@test_case(name="bpe_encode: merges are replayed in their order", points=0)
def replayed(bpe_encode):
    # bc is merged first, so ab finds only the a and b that are left
    expect(bpe_encode("abc ab abcd", [(b"b", b"c"), (b"a", b"b"), (b"bc", b"d")]))


@test_case(name="bpe_decode: ids become text again", points=0)
def ids_to_text(bpe_decode):
    # the two bytes of ñ are two tokens, and the third merge is made of the second
    merges = [(b"l", b"l"), (b"a", b"n"), (b"an", b"\xc3")]
    text = bpe_decode([109, 97, 195, 177, 97, 110, 97, 32, 256, 97, 109, 97, 32, 258, 186], merges)
    assert isinstance(text, str), f"{kind_of(text)} came back, not a str"
    expect(text)


@test_case(name="train_bpe: letters of two bytes, equal letters, and too many merges", points=0)
def odd_texts(train_bpe):
    expect(listed(train_bpe("ñuñu ñam", 2)))
    expect(listed(train_bpe("aaaa ozoz", 2)))
    expect(listed(train_bpe("an and az", 2)))  # (an, d) is larger than (a, z)
    expect(listed(train_bpe("uno", 9)))
    expect(listed(train_bpe("sasa saca casa", 5)))


@test_case(name="bpe_encode: from left to right, white space too", points=0)
def left_to_right(bpe_encode):
    merges = [(b"e", b"e"), (b" ", b"t")]
    expect(bpe_encode("eee  teeeee\n", merges))
    expect(bpe_encode("", merges))


@test_case(name="bpe_decode: what isn't a letter is seen", points=0)
def lost_bytes(bpe_decode):
    expect(bpe_decode([226, 98, 195], []))
    expect(bpe_decode([], []))


# --- hidden: nothing below this line is released ---


@test_case(name="three equal letters hold one pair", points=0.75, hidden=True)
def pairs_of_equals(train_bpe, bpe_encode):
    expect(train_bpe("aaab", 3))
    expect(train_bpe("aaaa xyxy", 2))
    expect(bpe_encode("aaa aaaaa baaab", [(b"a", b"a"), (b"aa", b"a")]))


@test_case(name="among equals bytes are compared, not ids or lengths", points=0.75, hidden=True)
def equals_of_all_lengths(train_bpe):
    # (an, d) and (ñ, a), (thi, s) and (w, e), (c, ab) and (ca, b) and the like meet as equals
    expect(train_bpe("band sand año paño we this thin wet", 12))
    expect(train_bpe("caca cabo boca coca cocoa", 9))


@test_case(name="a word that is repeated outweighs many words", points=0.75, hidden=True)
def repeated_word(train_bpe):
    expect(train_bpe("the the the the the the the the the quip quit quiz quid quin", 4))


@test_case(name="no merge, and more merges than there are", points=0.75, hidden=True)
def none_or_all(train_bpe):
    expect(train_bpe("sara sara", 0))
    expect(train_bpe("sara sara t'anta", 80))
    expect(train_bpe("a b c", 5))
    expect(train_bpe("x", 2))


@test_case(name="a text without a letter", points=0.5, hidden=True)
def nothing_at_all(train_bpe, bpe_encode, bpe_decode):
    expect([train_bpe(text, 3) for text in ("", "abab")])
    expect([bpe_encode(text, [(b"a", b"b")]) for text in ("", "xab")])
    expect([bpe_decode(ids, [(b"a", b"b")]) for ids in ([], [256])])


@test_case(name="white space alone is a text too", points=0.5, hidden=True)
def blanks(train_bpe, bpe_encode, bpe_decode):
    text = "  \n\n   \t "
    expect(train_bpe(text, 3))
    merges = [(b" ", b" "), (b"  ", b"\n")]
    ids = bpe_encode(text, merges)
    expect(ids)
    expect(bpe_decode(ids, merges))


@test_case(name="Spanish, Quechua and emoji come back", points=1.25, hidden=True)
def languages(train_bpe, bpe_encode, bpe_decode):
    for text, merges in (
        ("El niño soñó que mañana el ñandú bailaría. ¿Quién  más?\n", 14),
        ("Ñuqanchik kanchik. Allinllachu, ñañay? Wayqiykuna llamk'achkanku.", 18),
        ("Hola 👋🏽🌽 🌽🌽🦙 👋🏽!  🦙🦙", 9),
    ):
        found = train_bpe(text, merges)
        ids = bpe_encode(text, found)
        expect(found)
        expect(ids)
        expect(bpe_decode(ids, found))


@test_case(name="a text that was not in the training", points=0.75, hidden=True)
def strange_text(train_bpe, bpe_encode, bpe_decode):
    found = train_bpe("the other mother gathers the feathers there", 7)
    for text in ("thé 🦙 heather  ", "zzz", "Other thermometers\tgather théorie"):
        ids = bpe_encode(text, found)
        expect(ids)
        expect(bpe_decode(ids, found))
        expect([all(0 <= i < 256 + len(found) for i in ids), len(ids) <= len(text.encode())])


@test_case(name="half a letter is replaced", points=0.75, hidden=True)
def half_a_letter(bpe_decode):
    expect(bpe_decode([97, 195], []))
    expect(bpe_decode([240, 159, 166, 32, 177, 98], []))
    expect(bpe_decode([256, 169, 256], [(b"n", b"\xc3")]))


@test_case(name="a hundred and twenty merges on a longer text", points=1.25, hidden=True)
def longer_text(train_bpe, bpe_encode):
    draws = np.random.RandomState(3)
    syllables = "ka lla ku chi ñan wa si ri mi tu qu y sha pi ta na".split()
    words = ["".join(draws.choice(syllables, n)) for n in draws.randint(1, 5, 150)]
    text = " ".join(draws.choice(words, 600))
    found = train_bpe(text, 120)
    expect(found)
    expect(bpe_encode(text[:400], found))
