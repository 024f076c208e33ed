"""Damage: bytes and values that are nearly what they should be."""

from hypothesis import strategies as st

texts = st.text(max_size=6) | st.sampled_from(["params", "w", "array", "\ud800", "x" * 300])
numbers = st.booleans() | st.floats() | st.integers(-(1 << 70), 1 << 70)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes with a few places overwritten, cut, doubled or spliced."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 4))):
        first, last = sorted(draw(st.integers(0, len(data))) for _ in range(2))
        new = draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"", b"\0", b"-1", b"null", b"[[", b"}", b"1e999", b"\\ud800"]),
                st.just(bytes(data[first:last]) * 2),
            )
        )
        short = draw(st.booleans())
        data[first : first + min(4, last - first) if short else last] = new
    return bytes(data)
