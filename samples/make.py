"""Makes the sample files anew: a drawn picture, signed by a throw-away authority, altered, and with declared metadata.

    python samples/make.py

The private keys live only while this runs. The authority's certificate is kept as `sample-root.pem`, so that it can be
given as a trust anchor.
"""

import datetime as dt
import io
import json
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

HERE = Path(__file__).parent
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
YEARS = dt.timedelta(days=3650)  # a sample that expires would tell another story


def main() -> None:
    """Writes all samples beside this script."""
    chain, key, root = certificates()
    (HERE / "sample-root.pem").write_bytes(root)
    signed = sign(as_jpeg(picture()), chain, key)
    (HERE / "signed-ai.jpg").write_bytes(signed)
    (HERE / "altered-after-signing.jpg").write_bytes(change_one_pixel_byte(signed))
    parameters = PngInfo()
    parameters.add_text(
        "parameters",
        "a paper boat on a lake at dawn\nNegative prompt: people\n"
        "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 480x320, Model: sample-model",
    )
    picture().quantize(64).save(HERE / "declared-ai.png", pnginfo=parameters, optimize=True)
    (HERE / "nothing-known.jpg").write_bytes(as_jpeg(picture()))


def picture() -> Image.Image:
    """A lake at dawn with a paper boat, drawn by this function and by nobody else."""
    image = Image.new("RGB", (480, 320))
    draw = ImageDraw.Draw(image)
    for y in range(320):
        sky = y < 190
        part = y / 190 if sky else (y - 190) / 130
        colour = (
            (int(60 + 190 * part), int(90 + 90 * part), int(140 + 10 * part))
            if sky
            else (int(70 - 40 * part), int(100 - 50 * part), int(130 - 50 * part))
        )
        draw.line([(0, y), (480, y)], fill=colour)
    draw.ellipse([330, 120, 390, 180], fill=(255, 226, 170))
    draw.polygon([(160, 220), (300, 220), (270, 255), (190, 255)], fill=(245, 245, 240))
    draw.polygon([(230, 150), (230, 218), (170, 218)], fill=(255, 255, 252))
    draw.polygon([(234, 165), (234, 218), (285, 218)], fill=(225, 225, 222))
    return image


def as_jpeg(image: Image.Image) -> bytes:
    """The picture as JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def sign(jpeg: bytes, chain: bytes, key: bytes) -> bytes:
    """The JPEG with a manifest that says that AI made it: a claim for demonstration."""
    manifest = {
        "claim_generator_info": [{"name": "provenance samples", "version": "1"}],
        "title": "Paper boat",
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "created": True,
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
                            "softwareAgent": {"name": "Sample Generator", "version": "1"},
                        }
                    ]
                },
            }
        ],
    }
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None)
    out = io.BytesIO()
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
        builder.sign(signer, "image/jpeg", io.BytesIO(jpeg), out)
    return out.getvalue()


def change_one_pixel_byte(jpeg: bytes) -> bytes:
    """The file with one byte of its image data changed, far behind the manifest."""
    changed = bytearray(jpeg)
    place = len(changed) - 2000
    changed[place] ^= 0x04
    return bytes(changed)


def certificates() -> tuple[bytes, bytes, bytes]:
    """A chain of signer and root as PEM, the signer's key as PEM, and the root alone. C2PA 2.4, section 14.5."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = name("Provenance sample authority")
    root = (
        builder(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(authority=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        builder(name("Sample newsroom"), root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    root_pem = root.public_bytes(pem)
    key_pem = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return leaf.public_bytes(pem) + root_pem, key_pem, root_pem


def builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    """A certificate with its names, key and validity."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + YEARS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def usage(*, authority: bool) -> x509.KeyUsage:
    """An authority signs certificates, a signer signs content."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def name(organisation: str) -> x509.Name:
    """A name with this organisation."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, organisation),
        ]
    )


if __name__ == "__main__":
    main()
