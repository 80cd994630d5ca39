#!/usr/bin/env python3
"""Computes every vector of this folder again, from the keys and inputs.txt alone.

Nothing here comes from the library: Python's standard library for hashes and integers (RSA, P-256, MGF1, GHASH, DER), the
openssl command for the block ciphers.  Sections are those of set-protocol.  Exits with 0 when all agree."""
import base64
import hashlib
import hmac
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# --- DER -----------------------------------------------------------------------------------------


def tlv(tag, *contents):
    body = b"".join(contents)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def split(data):
    """The (tag, contents, whole) of each element."""
    out, at = [], 0
    while at < len(data):
        tag, n, p = data[at], data[at + 1], at + 2
        if n >= 128:
            k = n & 0x7F
            n, p = int.from_bytes(data[p:p + k], "big"), p + k
        out.append((tag, data[p:p + n], data[at:p + n]))
        at = p + n
    assert at == len(data)
    return out


def seq(*parts):
    return tlv(0x30, *parts)


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, "big"))


def oid(dotted):
    a = [int(x) for x in dotted.split(".")]
    out = b""
    for v in [a[0] * 40 + a[1]] + a[2:]:
        chunk = [v & 0x7F]
        while v > 0x7F:
            v >>= 7
            chunk.append(0x80 | v & 0x7F)
        out += bytes(reversed(chunk))
    return tlv(6, out)


NULL = b"\x05\x00"
RSA = seq(oid("1.2.840.113549.1.1.1"), NULL)
ECDSA = seq(oid("1.2.840.10045.4.3.2"))
SHA1 = seq(oid("1.3.14.3.2.26"), NULL)
SHA256 = seq(oid("2.16.840.1.101.3.4.2.1"), NULL)


def content(n):
    return oid("2.23.42.0.%d" % n)


# --- keys ----------------------------------------------------------------------------------------


def load(name):
    with open(os.path.join(HERE, "keys", name + ".pem")) as f:
        der = base64.b64decode("".join(line for line in f if not line.startswith("-")))
    parts = split(split(der)[0][1])
    inner = split(split(parts[2][1])[0][1])
    if parts[1][2] == RSA:
        n, e, d = (int.from_bytes(x[1], "big") for x in inner[1:4])
        return {"kind": "rsa", "n": n, "e": e, "d": d, "k": (n.bit_length() + 7) // 8}
    return {"kind": "ec", "public": multiply(int.from_bytes(inner[1][1], "big"), G)}


# --- P-256, affine and slow ------------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return (x, (m * (a[0] - x) - a[1]) % P)


def multiply(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def verify(suite, key, message, sig):
    digest = hashlib.new(suite["hash"], message).digest()
    if key["kind"] == "rsa":
        info = seq(suite["alg"], tlv(4, digest))
        padded = b"\x00\x01" + b"\xff" * (key["k"] - 3 - len(info)) + b"\x00" + info
        return pow(int.from_bytes(sig, "big"), key["e"], key["n"]) == int.from_bytes(padded, "big")
    r, s = (int.from_bytes(x[1], "big") for x in split(split(sig)[0][1]))
    w, z = pow(s, -1, N), int.from_bytes(digest, "big")
    return add(multiply(z * w % N, G), multiply(r * w % N, key["public"]))[0] % N == r


# --- ciphers ---------------------------------------------------------------------------------------


def openssl(cipher, key, iv, data, *more):
    cmd = ["openssl", "enc", cipher, "-K", key.hex(), *(["-iv", iv.hex()] if iv else []), *more]
    return subprocess.run(cmd, input=data, stdout=subprocess.PIPE, check=True).stdout


def gmul(x, y):
    z = 0
    for i in range(127, -1, -1):
        z ^= y if x >> i & 1 else 0
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return z


def gcm(key, nonce, plain):
    h = int.from_bytes(openssl("-aes-256-ecb", key, None, bytes(16), "-nopad"), "big")
    cipher = openssl("-aes-256-ctr", key, nonce + b"\x00\x00\x00\x02", plain)
    blocks = cipher + bytes(-len(cipher) % 16) + bytes(8) + (8 * len(cipher)).to_bytes(8, "big")
    x = 0
    for i in range(0, len(blocks), 16):
        x = gmul(x ^ int.from_bytes(blocks[i:i + 16], "big"), h)
    first = openssl("-aes-256-ctr", key, nonce + b"\x00\x00\x00\x01", bytes(16))
    return cipher + (x ^ int.from_bytes(first, "big")).to_bytes(16, "big")


def des(key, iv, plain):
    return openssl("-des-cbc", key, iv, plain, "-provider", "legacy", "-provider", "default")


def mgf1(name, seed, n):
    out = b""
    for i in range(0, n // hashlib.new(name).digest_size + 1):
        out += hashlib.new(name, seed + i.to_bytes(4, "big")).digest()
    return out[:n]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


# --- suites (12.1) -----------------------------------------------------------------------------------

SUITES = {
    "classic": {"hash": "sha1", "alg": SHA1, "key": 8, "encrypt": des,
                "cipher": lambda iv: seq(oid("1.3.14.3.2.7"), tlv(4, iv)),
                "iv": lambda alg: split(split(alg)[0][1])[1][1],
                "keyalg": seq(oid("1.2.840.113549.1.1.6"), NULL)},
    "modern": {"hash": "sha256", "alg": SHA256, "key": 32, "encrypt": gcm,
               "cipher": lambda iv: seq(oid("2.16.840.1.101.3.4.1.46"), seq(tlv(4, iv), integer(16))),
               "iv": lambda alg: split(split(split(alg)[0][1])[1][1])[0][1],
               "keyalg": seq(oid("1.2.840.113549.1.1.7"), seq(
                   tlv(0xA0, SHA256), tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), SHA256))))},
}


def issuer(letter):
    return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(0x13, letter.encode()))))


PARTIES = {
    "alice": seq(issuer("A"), tlv(2, b"\x01\xaa" + bytes(14) + b"\x0a")),
    "bob": seq(issuer("B"), tlv(2, b"\x01\xbb" + bytes(14) + b"\x0b")),
    "carol": seq(issuer("C"), tlv(2, b"\x01\xcc" + bytes(14) + b"\x0c")),
    "fresh": seq(seq(), tlv(2, b"\x00")),
}

# --- operators (section 4, 12.3, 12.4) -----------------------------------------------------------------


class Vectors:
    def __init__(self, name):
        self.name, self.suite = name, SUITES[name]
        self.keys = {who: load(name + "-" + who) for who in PARTIES}
        self.inputs = dict(line.split() for line in self.read("inputs.txt").decode().splitlines())
        self.inputs = {k: bytes.fromhex(v) for k, v in self.inputs.items()}

    def read(self, vector):
        with open(os.path.join(HERE, self.name, vector), "rb") as f:
            return f.read()

    def h(self, data):
        return hashlib.new(self.suite["hash"], data).digest()

    def dd(self, n, data):
        return seq(integer(0), self.suite["alg"], seq(content(n)), tlv(4, self.h(data)))

    def signed(self, got, n, data, signers, detached=False, certs=(), crls=()):
        """SignedData with the signature values of `got`, which must verify."""
        found = [split(x[1])[5] for x in split(split(split(got)[0][1])[-1][1])]
        attributes = seq(
            seq(oid("1.2.840.113549.1.9.3"), tlv(0x31, content(n))),
            seq(oid("1.2.840.113549.1.9.4"), tlv(0x31, tlv(4, self.h(data)))))
        infos = []
        for who, sig in zip(signers, found):
            key = self.keys[who]
            assert verify(self.suite, key, attributes, sig[1]), "signature of " + who
            infos.append(seq(integer(2), PARTIES[who], self.suite["alg"], tlv(0xA2, attributes),
                             RSA if key["kind"] == "rsa" else ECDSA, sig[2]))
        return seq(integer(2), seq(self.suite["alg"]),
                   seq(content(n), *([] if detached else [tlv(0xA0, data)])),
                   *([tlv(0xA2, *certs)] if certs else []), *([tlv(0xA3, *crls)] if crls else []), seq(*infos))

    def encrypted(self, got, n, key, plain):
        iv = self.suite["iv"](split(split(got)[0][1])[1][2])
        return seq(content(n), self.suite["cipher"](iv), tlv(0x80, self.suite["encrypt"](key, iv, plain)))

    def block(self, sealed):
        """DB, by RSA and the masks."""
        key = self.keys["carol"]
        r = pow(int.from_bytes(sealed, "big"), key["d"], key["n"]).to_bytes(key["k"], "big")
        if self.name == "classic":
            a, b = r[1:-16], r[-16:]
            assert 1 <= r[0] <= 0x7F
            salt = xor(b, hashlib.sha1(a).digest()[-16:])
            return xor(a, mgf1("sha1", salt, len(a)))
        seed, db = r[1:33], r[33:]
        seed = xor(seed, mgf1("sha256", db, 32))
        db = xor(db, mgf1("sha256", seed, len(db)))
        assert r[0] == 0 and db[:32] == hashlib.sha256(b"").digest()
        start = db.index(b"\x01", 32)
        assert not any(db[32:start])
        return db[start + 1:]

    def envelope(self, got, n, body, bc=0, x=b"", hd=None):
        parts = split(split(got)[0][1])
        sealed = split(split(parts[1][1])[0][1])[3]
        db = self.block(sealed[1])
        key = db[9:9 + self.suite["key"]]
        want = bytes([3, bc]) + bytes(7) + key + (self.h(hd) if hd is not None else b"") + x
        if self.name == "classic":
            want += bytes(self.keys["carol"]["k"] - 17 - len(want))
        assert db == want, "key block"
        return seq(integer(1), seq(seq(integer(0), PARTIES["carol"], self.suite["keyalg"], sealed[2])),
                   self.encrypted(parts[2][2], n, key, body(self.plain(parts[2][2], key))))

    def plain(self, info, key):
        """What is encrypted: only for the signature values in it, everything else is made again."""
        iv, cipher = self.suite["iv"](split(split(info)[0][1])[1][2]), split(split(info)[0][1])[2][1]
        if self.name == "classic":
            return openssl("-des-cbc", key, iv, cipher, "-d", "-provider", "legacy", "-provider", "default")
        return openssl("-aes-256-ctr", key, iv + b"\x00\x00\x00\x02", cipher[:-16], "-d")

    def x(self, der):
        """Raw packing (12.4): a PAN takes 19 octets, filled with FF."""
        return b"".join(v.ljust(19, b"\xff") if i == 0 and tag == 0x12 else v
                        for i, (tag, v, _) in enumerate(split(split(der)[0][1])))

    def encx(self, got, tbs, tbe, clear, p, bc):
        part = p if tbs != 46 else tlv(0xA1 if bc == 5 else 0xA0, p)  # an arm of AcctInfo in CertReqTBS

        def body(plain):
            so = split(split(plain)[0][1])[1][2]
            return seq(clear, self.signed(so, tbs, seq(clear, part), ["fresh"], detached=True))
        return self.envelope(got, tbe, body, bc, self.x(p))

    def expected(self, vector):
        i, t, got = self.inputs, self.inputs["t"], self.read(vector)
        beside = {"certs": [i["cert1"], i["cert2"]], "crls": [i["crl"]]}
        link = seq(t, self.dd(3, i["baggage"]))
        back = i["back_key"][:self.suite["key"]]
        parts = split(split(got)[0][1]) if got[:1] == b"\x30" else []
        if vector == "h":
            return self.h(t)
        if vector == "hmac":
            return hmac.new(i["hmac_key"], t, self.suite["hash"]).digest()
        if vector == "account":
            der = seq(tlv(0x12, b"4000001234567899"), tlv(0x12, b"203012"))
            return base64.b64encode(hmac.new(i["hmac_key"], der, self.suite["hash"]).digest())
        if vector == "dd":
            return self.dd(3, t)
        if vector == "l":
            return seq(t, self.dd(2, i["pan_only"]))
        if vector == "s":
            return self.signed(got, 47, t, ["alice"], **beside)
        if vector == "s-rsa":
            return self.signed(got, 47, t, ["bob"])
        if vector == "s2":
            return self.signed(got, 47, t, ["fresh", "alice"])
        if vector == "so":
            return self.signed(got, 47, t, ["bob"], detached=True)
        if vector == "ek":
            return seq(integer(0), self.encrypted(parts[1][2], 79, back, t))
        if vector == "enck":
            inner = self.signed(self.plain(parts[1][2], back), 47, t, ["alice"])
            return seq(integer(0), self.encrypted(parts[1][2], 79, back, inner))
        if vector == "e":
            return self.envelope(got, 77, lambda _: t)
        if vector == "eh":
            return self.envelope(got, 77, lambda _: t, hd=t)
        if vector == "ex":
            return self.envelope(got, 50, lambda _: seq(t, self.dd(0, i["pan_data"])), 1, self.x(i["pan_data"]))
        if vector == "exh":
            return self.envelope(got, 76, lambda _: seq(t, self.dd(2, i["pan_only"])), 4, self.x(i["pan_only"]), t)
        if vector == "enc":
            return self.envelope(got, 77, lambda plain: self.signed(plain, 45, t, ["fresh"]))
        if vector == "encx":
            return self.encx(got, 46, 78, t, i["pan_data"], 2)
        if vector == "encx-acct":
            return self.encx(got, 46, 78, t, i["acct_data"], 5)
        if vector == "encb":
            return seq(self.envelope(parts[0][2], 50, lambda plain: self.signed(plain, 13, link, ["fresh"])), i["baggage"])
        if vector == "encbx":
            return seq(self.encx(parts[0][2], 13, 50, link, i["pan_data"], 1), i["baggage"])
        raise KeyError("no rule for " + vector)


def main():
    failed = 0
    for name in SUITES:
        v = Vectors(name)
        for vector in sorted(os.listdir(os.path.join(HERE, name))):
            if vector == "inputs.txt":
                continue
            try:
                why = None if v.expected(vector) == v.read(vector) else "differs"
            except (AssertionError, KeyError, ValueError, IndexError, subprocess.CalledProcessError) as e:
                why = "%s: %s" % (type(e).__name__, e)
            if why:
                print("%s/%s: %s" % (name, vector, why), file=sys.stderr)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
