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
