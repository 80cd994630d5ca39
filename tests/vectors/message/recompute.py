#!/usr/bin/env python3
"""Reads every recorded registration of this folder and computes again all that can be computed.

Nothing here comes from the library: the DER, RSA, P-256, masks and GHASH of ../crypto/recompute.py, the openssl command for the
block ciphers.  Each message is taken apart as set-protocol sections 2 to 4 and 12 print it, its signatures are verified, its
envelopes opened with the CA's key, and it is put together again from the parts, which has to give the same bytes.  What one
message echoes of another has to be the same.  Exits with 0 when all agree."""
import base64
import hashlib
import hmac
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "crypto"))
sys.dont_write_bytecode = True
import recompute as c  # noqa: E402
from recompute import content, integer, oid, seq, split, tlv  # noqa: E402

ARMS = {22: "CardCInitReq", 23: "CardCInitRes", 24: "Me-AqCInitReq", 25: "Me-AqCInitRes", 26: "RegFormReq",
        27: "RegFormRes", 28: "CertReq", 29: "CertRes", 30: "CertInqReq", 31: "CertInqRes", 999: "Error"}
CT = {"CardCInitRes": 42, "Me-AqCInitRes": 43, "RegFormRes": 44, "CertRes": 47, "CertInqRes": 47}


def need(what, ok):
    if not ok:
        raise AssertionError(what)


def arm(data):
    """Number and contents of one [n] EXPLICIT, and what was read, written again."""
    number, at = data[0] & 0x1F, 1
    if number == 31:
        number = 0
        while True:
            number = number << 7 | data[at] & 0x7F
            at += 1
            if data[at - 1] < 128:
                break
    n, at = data[at], at + 1
    if n >= 128:
        k = n & 0x7F
        n, at = int.from_bytes(data[at:at + k], "big"), at + k
    return number, data[at:at + n]


def kids(der):
    """The elements of one SEQUENCE."""
    (tag, body, whole), = split(der)
    need("a SEQUENCE", tag == 0x30 and whole == der)
    return split(body)


def tagged(elements, n):
    """Contents of [n], or None."""
    for tag, body, _ in elements:
        if tag & 0xDF == 0x80 | n:
            return body
    return None


class Key:
    """A public key from SubjectPublicKeyInfo."""

    def __init__(self, spki):
        alg, bits = kids(spki)
        if alg[2] == c.RSA:
            n, e = (int.from_bytes(x[1], "big") for x in kids(bits[1][1:]))
            self.key = {"kind": "rsa", "n": n, "e": e, "k": (n.bit_length() + 7) // 8}
        else:
            p = bits[1][2:]
            self.key = {"kind": "ec", "public": (int.from_bytes(p[:32], "big"), int.from_bytes(p[32:], "big"))}
        self.alg = c.RSA if self.key["kind"] == "rsa" else c.ECDSA


class Cert:
    def __init__(self, der):
        self.der = der
        self.tbs, self.alg, sig = (x for x in kids(der))
        self.sig = sig[1][1:]
        f = kids(self.tbs[2])
        self.serial, self.issuer, self.subject, self.spki = f[1][2], f[3][2], f[5][2], f[6][2]
        self.key = Key(self.spki)

    def common_name(self):
        for _, rdn, _ in kids(self.subject):
            kind, value = kids(split(rdn)[0][2])
            if kind[2] == oid("2.5.4.3"):
                return value[1].decode()
        return None


class Transcript:
    def __init__(self, suite, name):
        self.dir, self.suite = os.path.join(HERE, suite, name), c.SUITES[suite]
        self.modern = suite == "modern"
        with open(os.path.join(self.dir, "inputs.txt")) as f:
            self.inputs = dict(line.split(None, 1) for line in f.read().splitlines())
        self.known, self.seen, self.sent, self.back = {}, {}, None, None
        self.v = c.Vectors.__new__(c.Vectors)  # its operators, with the CA's key as recipient
        self.v.name, self.v.suite = suite, self.suite
        self.v.keys = {"carol": self.load_key()}
        self.new_keys, self.lists = [], []
        self.learn(self.read(x) for x in sorted(os.listdir(self.dir)) if x.endswith(".cer"))

    def read(self, name):
        with open(os.path.join(self.dir, name), "rb") as f:
            return f.read()

    def load_key(self):
        with open(os.path.join(self.dir, "exchange.pem")) as f:
            der = base64.b64decode("".join(x for x in f if not x.startswith("-")))
        n, e, d = (int.from_bytes(x[1], "big") for x in kids(der)[1:4])
        return {"kind": "rsa", "n": n, "e": e, "d": d, "k": (n.bit_length() + 7) // 8}

    def h(self, data):
        return hashlib.new(self.suite["hash"], data).digest()

    # --- the wrapper -----------------------------------------------------------------------------

    def wrapper(self, der):
        header, message = kids(der)
        number, pdu = arm(message[1])
        parts = kids(header[2])
        need("version 1", parts[0][2] == integer(1))
        again = seq(header[2], tlv(0xA0, self.rewrap(number, pdu)))
        need("the wrapper, put together again", again == der)
        ids = tagged(parts, 0)
        return ARMS[number], pdu, tagged(parts, 1), dict((t & 0x1F, b) for t, b, _ in split(ids or b""))

    @staticmethod
    def rewrap(number, pdu):
        if number < 31:
            return tlv(0xA0 | number, pdu)
        tag = bytes([0x1F | 0xA0]) + (bytes([number]) if number < 128 else bytes([0x80 | number >> 7, number & 0x7F]))
        return tag + tlv(0, pdu)[1:]

    # --- signatures ------------------------------------------------------------------------------

    def learn(self, certs):
        for der in certs:
            cert = Cert(der)
            self.known[(cert.issuer, cert.serial)] = cert

    def signer_key(self, info, new_key):
        who = info[1][2]
        if who == c.PARTIES["fresh"]:
            return new_key
        name, serial = kids(who)
        return self.known[(name[2], serial[2])].key

    def signed(self, der, n, new_key=None, detached=None):
        """Opens S (or SO over `detached`), verifies it, and compares with what the parts give."""
        f = kids(der)
        info = kids(f[2][2])
        data = detached if detached is not None else split(info[1][1])[0][2]
        certs = [x[2] for x in split(tagged(f[3:-1], 2) or b"")]
        crls = [x[2] for x in split(tagged(f[3:-1], 3) or b"")]
        self.learn(certs)
        self.lists += crls
        attributes = seq(seq(oid("1.2.840.113549.1.9.3"), tlv(0x31, content(n))),
                         seq(oid("1.2.840.113549.1.9.4"), tlv(0x31, tlv(4, self.h(data)))))
        infos = []
        for _, _, si in split(f[-1][1]):
            parts = kids(si)
            key = self.signer_key(parts, new_key)
            need("a signature", c.verify(self.suite, key.key, attributes, parts[5][1]))
            infos.append(seq(integer(2), parts[1][2], self.suite["alg"], tlv(0xA2, attributes), key.alg, parts[5][2]))
        again = seq(integer(2), seq(self.suite["alg"]),
                    seq(content(n), *([] if detached is not None else [tlv(0xA0, data)])),
                    *([tlv(0xA2, *certs)] if certs else []), *([tlv(0xA3, *crls)] if crls else []), seq(*infos))
        need("the SignedData, put together again", again == der)
        return data, len(infos)

    def certificates(self):
        """Each one is signed by the one that it names, root first or last."""
        for cert in self.known.values():
            issuers = [x for x in self.known.values() if x.subject == cert.issuer]
            need("issuer of " + repr(cert.common_name()),
                 any(c.verify(self.suite, x.key.key, cert.tbs[2], cert.sig) for x in issuers))
        for signed in set(self.lists):
            tbs, _, sig = kids(signed)
            issuer = kids(tbs[2])[2][2]
            if issuer[0] == 0x30 and all(x.subject != issuer for x in self.known.values()):
                continue  # the CRL of a CA that is none of this holder's
            need("signature of a CRL or BCI",
                 any(c.verify(self.suite, x.key.key, tbs[2], sig[1][1:]) for x in self.known.values()
                     if x.key.key["kind"] == "ec" or len(sig[1]) - 1 == x.key.key["k"]))

    def bci(self, fields, tag):
        """brandCRLIdentifier, where there is one."""
        der = tagged(fields, tag)
        self.lists += [der] if der else []

    # --- envelopes -------------------------------------------------------------------------------

    def recipient(self, der):
        to = kids(split(kids(der)[1][1])[0][2])[1][2]
        name, serial = kids(to)
        cert = self.known[(name[2], serial[2])]
        need("the envelope is for the key that the CA announced", cert.key.key["n"] == self.v.keys["carol"]["n"])
        c.PARTIES["carol"] = to

    def envelope(self, der, n, bc, with_hd):
        """Clear body, X and content key; and everything compared."""
        self.recipient(der)
        parts = kids(der)
        db = self.v.block(kids(split(parts[1][1])[0][2])[3][1])
        size = self.suite["key"]
        key, rest = db[9:9 + size], db[9 + size:]
        length = {0: 0, 2: 65, 4: 39, 5: 94}[bc]
        hd = rest[:len(self.h(b""))] if with_hd else None
        x = rest[len(hd or b""):][:length]
        body = self.v.plain(parts[2][2], key)
        clear = kids(body)[0][2] if bc else body
        again = self.v.envelope(der, n, lambda _: body, bc, x, clear if with_hd else None)
        need("the EnvelopedData, put together again", again == der)
        need("HD", hd is None or hd == self.h(clear))
        return body, x

    @staticmethod
    def unpack(bc, x):
        """DER of PANData0, PANOnly or AcctData."""
        if bc == 5:
            return seq(tlv(0x1A, x[:74]), tlv(4, x[74:]))
        pan = x[:19].rstrip(b"\xff")
        rest = [tlv(0x12, x[19:25]), tlv(4, x[25:45]), tlv(4, x[45:])] if bc == 2 else [tlv(4, x[19:])]
        return seq(tlv(0x12, pan), *rest)

    # --- the messages ----------------------------------------------------------------------------

    def echo(self, name, value):
        """Each of these is said once and stays the same until it is said anew."""
        if name in self.seen:
            need(name + " comes back as it was sent", self.seen[name] == value)
        self.seen[name] = value

    def fresh(self, *names):
        for n in names:
            self.seen.pop(n, None)

    def begin(self, fields, chall):
        self.fresh("rrpid", chall)
        self.echo("rrpid", fields[0][1])
        self.echo("lid-EE", fields[1][1])
        self.echo(chall, fields[2][1])

    def card_c_init_req(self, pdu):
        f = kids(pdu)
        self.begin(f, "chall-EE")
        need("brandID", f[3][1].decode() == self.inputs["brand"])

    def card_c_init_res(self, pdu):
        data, _ = self.signed(pdu, 42)
        f = kids(data)
        self.common(f, "chall-EE")
        self.bci(f[3:], 1)
        self.cae_thumb(tagged(f[3:], 0))

    def common(self, f, chall):
        self.echo("rrpid", f[0][1])
        self.echo("lid-EE", f[1][1])
        self.echo(chall, f[2][1])

    def cae_thumb(self, der):
        alg, thumb = kids(der)
        need("digest of caeThumb", alg[2] == self.suite["alg"])
        hits = [x for x in self.known.values() if self.h(x.tbs[2]) == thumb[1]]
        need("caeThumb names the key-exchange certificate",
             any(x.key.key.get("n") == self.v.keys["carol"]["n"] for x in hits))

    def challenge(self, lid_ca, chall_ca, request_type):
        """12.6, from the CA's challenge key."""
        number = int.from_bytes(lid_ca[:2], "big")
        need("the CA's number", number == int(self.inputs["ca-number"]))
        der = seq(tlv(0x1A, b"chall-CA"), integer(number), tlv(4, self.seen["lid-EE"]), tlv(4, lid_ca),
                  tlv(10, bytes([request_type])))
        key = bytes.fromhex(self.inputs["challenge-key"])
        need("chall-CA", hmac.new(key, der, "sha256").digest()[:20] == chall_ca)
        self.seen["lid-CA"], self.seen["chall-CA"] = lid_ca, chall_ca

    def me_aq_c_init_req(self, pdu):
        f = kids(pdu)
        self.begin(f, "chall-EE")
        need("brandID", f[5][1].decode() == self.inputs["brand"])
        self.request_type = f[3][1][0]

    def me_aq_c_init_res(self, pdu):
        data, _ = self.signed(pdu, 43)
        f = kids(data)
        self.common(f, "chall-EE")
        lid, rest = f[3][1], f[4:]
        need("requestType", rest[1][1][0] == self.request_type)
        self.bci(rest[3:], 3)
        self.challenge(lid, rest[0][1], self.request_type)
        self.cae_thumb(tagged(rest[3:], 2))

    def reg_form_req(self, pdu):
        body, x = self.envelope(pdu, 76, 4, True)
        data, dd = kids(body)
        pan_only = self.unpack(4, x)
        need("DD(PANOnly)", dd[2] == self.v.dd(2, pan_only))
        need("the PAN", x[:19].rstrip(b"\xff").decode() == self.inputs["pan"])
        f = kids(data[2])
        self.begin(f, "chall-EE2")
        self.request_type = [x[1][0] for x in f if x[0] == 10][0]

    def reg_form_res(self, pdu):
        data, _ = self.signed(pdu, 44)
        f = kids(data)
        self.common(f, "chall-EE2")
        lid, rest = f[3][1], f[4:]
        need("lid-CA is tagged", f[3][0] == 0x80)
        self.bci(rest, 2)
        need("requestType", [x[1][0] for x in f if x[0] == 10][0] == self.request_type)
        self.challenge(lid, rest[0][1], self.request_type)

    def cert_req_data(self, der, body_key):
        f = kids(der)
        self.begin(f, "chall-EE3")
        self.echo("lid-CA", tagged(f, 0))
        self.echo("chall-CA", tagged(f, 1))
        need("requestType", [x[1][0] for x in f if x[0] == 10][0] == self.request_type)
        back = tagged(f, 4)
        if back is not None:
            self.back = kids(back)[1][1]
            need("length of the back key", len(self.back) == self.suite["key"])

    def new_key(self, data):
        """publicKeyS, which the first SignerInfo is made with where there is one."""
        keys = [x for x in kids(data) if x[0] == 0x30]  # everything else that is a SEQUENCE has a tag
        arms = split(keys[-1][1])
        self.new_keys = [Key(x[1]) for x in arms]
        return Key(arms[0][1]) if arms[0][0] == 0xA0 else None

    def cert_req(self, pdu):
        number, inner = arm(pdu)
        if number == 1:
            body, _ = self.envelope(inner, 77, 0, False)
            f = kids(body)
            data = split(kids(f[2][2])[1][1])[0][2]
            self.signed(body, 45, self.new_key(data))
            self.cert_req_data(data, None)
            return
        bc = 2 if "pan" in self.inputs else 5
        body, x = self.envelope(inner, 78, bc, False)
        data, so = (y[2] for y in kids(body))
        p = self.unpack(bc, x)
        self.signed(so, 46, self.new_key(data), seq(data, tlv(0xA0 if bc == 2 else 0xA1, p)))
        self.cert_req_data(data, None)
        if bc == 2:
            need("the PAN", x[:19].rstrip(b"\xff").decode() == self.inputs["pan"])
            self.account, self.card_secret = p, x[25:45]

    def cert_res(self, pdu):
        number, inner = arm(pdu)
        if number == 0:
            parts = kids(inner)
            plain = self.v.plain(parts[1][2], self.back)
            need("EncK, put together again",
                 seq(integer(0), self.v.encrypted(parts[1][2], 79, self.back, plain)) == inner)
            inner = plain
        before = set(self.known)
        data, _ = self.signed(inner, 47)
        f = kids(data)
        self.common(f, "chall-EE3")
        self.echo("lid-CA", f[3][1])
        self.bci(f[5:], 1)
        status = kids(f[4][2])
        self.status = status[0][1][0]
        if self.status == 1:
            self.complete(f, status, set(self.known) - before)

    def complete(self, f, status, new):
        thumbs = [x[1] for x in split(split(tagged(kids(tagged(f[5:], 0)), 0))[0][1])]
        certs = [self.known[k] for k in new if self.h(self.known[k].tbs[2]) in thumbs]
        need("certThumbs name the new certificates", len(certs) == len(thumbs) == len(self.new_keys))
        need("they are for the keys of the request",
             all(any(x.key.key == k.key for k in self.new_keys) for x in certs))
        if "pan" in self.inputs:
            nonce = tagged(status[1:], 0)
            secret = c.xor(self.card_secret, nonce)
            der = seq(tlv(0x12, self.inputs["pan"].encode()), tlv(0x12, self.inputs["expiry"].encode()))
            name = base64.b64encode(hmac.new(secret, der, self.suite["hash"]).digest()).decode()
            need("the blinded name", certs[0].common_name() == name)

    def cert_inq_req(self, pdu):
        data, signers = self.signed(pdu, 48, self.new_keys[0])
        f = kids(data)
        self.begin(f, "chall-EE3")
        self.echo("lid-CA", f[3][1])

    def run(self):
        last = None
        for name in sorted(x for x in os.listdir(self.dir) if x.endswith(".der")):
            last = name
            message, pdu, rrpid, ids = self.wrapper(self.read(name))
            need("the file's name", name == name[:3] + message + ".der")
            try:
                getattr(self, {"CertInqRes": "cert_res"}.get(message) or snake(message))(pdu)
                need("the wrapper's rrpid", rrpid == self.seen["rrpid"])
                need("lid in the wrapper", self.seen["lid-EE"] in ids.values())
            except (AssertionError, KeyError, IndexError, ValueError, TypeError) as e:
                raise AssertionError("%s: %s: %s" % (name, type(e).__name__, e)) from e
        need("some messages", last is not None)
        self.certificates()
        need("the status that the end is said to have", self.status == int(self.inputs["status"]))


def snake(name):
    out = ""
    for ch in name.replace("-", ""):
        out += ("_" if ch.isupper() and out else "") + ch.lower()
    return out


def main():
    failed = count = 0
    for suite in c.SUITES:
        for name in sorted(os.listdir(os.path.join(HERE, suite))):
            count += 1
            try:
                Transcript(suite, name).run()
            except (AssertionError, OSError, subprocess.CalledProcessError) as e:
                print("%s/%s: %s" % (suite, name, e), file=sys.stderr)
                failed += 1
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
