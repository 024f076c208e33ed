import numpy as np
from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "train_bpe"


def listed(merges):
    """Merges as one line of text, so that a message can show them whole."""
    return ", ".join(f"{first!r}+{second!r}" for first, second in merges)


def assert_pairs_of_bytes(merges):
    assert isinstance(merges, list), f"a {type(merges).__name__} came back, not a list of merges"
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
    assert isinstance(text, str), f"a {type(text).__name__} came back, not a str"
    expect(text)
