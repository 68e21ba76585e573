"""What is written in DER is what `cryptography` writes, and reads back."""

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.sources.c2pa.der import INTEGER, OCTET_STRING, encoded, integer, object_identifier, value_of


@example(-128)
@example(-129)
@example(127)
@example(128)
@given(st.integers(min_value=-(2**130), max_value=2**130))
def test_an_integer_takes_as_few_bytes_as_it_can(number):
    assert integer(number) == asn1.encode_der(number)
    assert value_of(integer(number)).expect(INTEGER).number == number


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 24])
def test_a_length_is_in_its_shortest_form(size):
    data = encoded(OCTET_STRING, bytes(size))
    assert data == asn1.encode_der(bytes(size))
    assert value_of(data).content == bytes(size)


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=8))
def test_an_object_identifier_has_seven_bits_a_byte(first, second, others):
    dotted = ".".join(map(str, (first, second, *others)))
    assert object_identifier(dotted) == asn1.encode_der(x509.ObjectIdentifier(dotted))
    assert value_of(object_identifier(dotted)).identifier == dotted
