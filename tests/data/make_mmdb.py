#!/usr/bin/env python3
"""Makes the small country files beside it; only Python's standard library is needed.

    python3 tests/data/make_mmdb.py

The networks are those reserved for documentation (RFC 5737, RFC 3849), the countries are arbitrary.
Format: https://maxmind.github.io/MaxMind-DB/ (records of 24 bits, no pointers).
"""

import ipaddress
import pathlib

V4, V4_OTHER, V6 = "192.0.2.0/24", "198.51.100.0/24", "2001:db8:1::/48"


def field(kind, size, body):
    """A control byte (kinds above 7 take a second one) and the body."""
    if size >= 29:
        assert size < 29 + 256
        size, more = 29, bytes([size - 29])
    else:
        more = b""
    head = bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])
    return head + more + body


def encode(value):
    if isinstance(value, str):
        text = value.encode()
        return field(2, len(text), text)
    if isinstance(value, dict):
        return field(7, len(value), b"".join(encode(k) + encode(v) for k, v in value.items()))
    if isinstance(value, list):
        return field(11, len(value), b"".join(map(encode, value)))
    if isinstance(value, tuple):  # (kind, number): 5 = uint16, 6 = uint32, 9 = uint64
        kind, number = value
        body = number.to_bytes(8, "big").lstrip(b"\0")
        return field(kind, len(body), body)
    raise TypeError(value)


def build(kind, ip_version, networks):
    data, offsets, nodes = b"", {}, [[None, None]]
    for network, record in networks.items():
        body = encode(record)
        if body not in offsets:
            offsets[body] = len(data)
            data += body
        network = ipaddress.ip_network(network)
        bits, length = int(network.network_address), network.prefixlen
        width = network.max_prefixlen
        if ip_version == 6 and network.version == 4:  # IPv4 lives in ::/96
            width, length = 128, length + 96
        node = 0
        for depth in range(length):
            side = bits >> (width - 1 - depth) & 1
            if depth == length - 1:
                nodes[node][side] = ("data", offsets[body])
            else:
                if nodes[node][side] is None:
                    nodes.append([None, None])
                    nodes[node][side] = len(nodes) - 1
                node = nodes[node][side]

    def number(record):
        if record is None:
            return len(nodes)  # not found
        return len(nodes) + 16 + record[1] if isinstance(record, tuple) else record

    tree = b"".join(number(record).to_bytes(3, "big") for node in nodes for record in node)
    metadata = {
        "binary_format_major_version": (5, 2),
        "binary_format_minor_version": (5, 0),
        "build_epoch": (9, 1_795_255_200),
        "database_type": kind,
        "description": {"en": "Made up for tests"},
        "ip_version": (5, ip_version),
        "languages": ["en"],
        "node_count": (6, len(nodes)),
        "record_size": (5, 24),
    }
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata)


FILES = {
    "country.mmdb": ("Test-Country", 6, {
        V4: {"country": {"iso_code": "NL", "names": {"en": "Netherlands"}}, "registered_country": {"iso_code": "NL"}},
        V4_OTHER: {"country": {"iso_code": "BR"}, "registered_country": {"iso_code": "US"}},
        V6: {"continent": {"code": "AS"}, "country": {"iso_code": "JP"}},
    }),
    "registered.mmdb": ("Test-Registered", 6, {V4: {"registered_country": {"iso_code": "NL"}}}),
    "flat.mmdb": ("Test-Flat", 6, {V4: {"country_code": "NL"}, V6: {"country_code": "JP"}}),
    "none.mmdb": ("Test-None", 6, {V4: {"country_code": "None"}, V4_OTHER: {"country_code": (5, 7)}}),
    "v4only.mmdb": ("Test-V4", 4, {V4: {"country": {"iso_code": "NL"}}}),
}

for name, (kind, version, networks) in FILES.items():
    path = pathlib.Path(__file__).with_name(name)
    path.write_bytes(build(kind, version, networks))
    print(f"{path.name}: {path.stat().st_size} bytes")
