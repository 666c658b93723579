"""Makes licences.fingerprints from the texts of well-known licences: npm pack spdx-license-list@6.12.0, unpack it, then
`python3 licences.py package/licenses licences.fingerprints`.

Kept are hashes of five words in a row, one of eight ("0 mod p", Manber: Finding similar files in a large file system,
1994), in ascending order, as 32-bit little-endian numbers. src/concepts/licences.rs reads them.
"""
import json, re, struct, sys

LICENCES = '''
AGPL-1.0 AGPL-3.0 Apache-1.1 Apache-2.0 APSL-2.0 Artistic-1.0-Perl Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-4-Clause BSL-1.0 CC0-1.0
CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0
CC-BY-ND-3.0 CC-BY-ND-4.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CDDL-1.0 CECILL-2.1 CPL-1.0
EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GFDL-1.1 GFDL-1.2 GFDL-1.3 GPL-1.0 GPL-2.0 GPL-3.0 ISC LGPL-2.0 LGPL-2.1 LGPL-3.0
LPPL-1.3c MIT MPL-1.0 MPL-1.1 MPL-2.0 MS-PL NCSA ODbL-1.0 OFL-1.1 OpenSSL PHP-3.01 PostgreSQL Python-2.0 Ruby Unlicense
W3C Zlib
'''.split()
WORDS, ONE_OF = 5, 8


def fnv(units):
    """FNV-1a of 32 bits, over units of up to 32 bits."""
    hash = 0x811C9DC5
    for unit in units:
        hash = (hash ^ unit) * 0x01000193 & 0xFFFFFFFF
    return hash


kept = set()
for name in LICENCES:
    with open(f'{sys.argv[1]}/{name}.json', encoding='utf-8') as file:
        words = re.findall(b'[a-z0-9]+', json.load(file)['licenseText'].lower().encode('ascii', 'replace'))
    hashes = [fnv(word) for word in words]
    windows = (fnv(hashes[at:at + WORDS]) for at in range(len(hashes) - WORDS + 1))
    kept.update(window for window in windows if window < 2**32 // ONE_OF)
with open(sys.argv[2], 'wb') as file:
    file.write(b''.join(struct.pack('<I', hash) for hash in sorted(kept)))
