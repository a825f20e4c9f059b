"""Attachments: what is read, what is refused, and that bombs end in the child process."""

import io
import json
import random
import struct
import zipfile
import zlib
from contextlib import suppress

import docx
import openpyxl
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import InvalidError
from core.workspace.attachments import read_attachment


def picture(kind, size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, 120).save(out, kind, **options)
    return out.getvalue()


def word(*lines):
    document = docx.Document()
    document.add_heading("Plan", level=2)
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "left", "right"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


def pdf(text):
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica")
    made.multi_cell(0, text=text)
    return bytes(made.output())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_known_by_content_and_sent_in_a_form_every_model_reads(kind):
    attachment = read_attachment("odd.txt", picture(kind))
    assert attachment.kind == "image"
    assert attachment.part.media_type in ("image/png", "image/jpeg")
    assert Image.open(io.BytesIO(attachment.part.data)).size == (40, 30)


def test_a_gif_gives_its_first_frame_and_a_large_picture_is_scaled():
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert read_attachment("a.gif", out.getvalue()).note == "Only the first frame is sent."
    large = read_attachment("a.jpg", picture("JPEG", (4000, 1000)))
    assert large.note == "Scaled from 4000 × 1000 to 2048 × 512 pixels."


def test_where_a_photo_was_taken_does_not_travel():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6
    sent = read_attachment("photo.jpg", picture("JPEG", exif=exif)).part
    assert b"taken at home" not in sent.data
    assert Image.open(io.BytesIO(sent.data)).size == (30, 40)


def test_documents_give_their_text():
    assert read_attachment("a.docx", word("First line", "Second line")).part.text.splitlines() == [
        "## Plan",
        "First line",
        "Second line",
        "left | right",
    ]
    assert read_attachment("a.xlsx", workbook([["name", "n"], ["x", 3]])).part.text == "[sheet Sheet]\nname,n\nx,3\n"
    assert "Good morning" in read_attachment("a.pdf", pdf("Good morning")).part.text
    assert read_attachment("a.md", b"\xef\xbb\xbf# Title").part.text == "# Title"
    assert read_attachment("a.md", b"# Title").part.media_type == "text/markdown"
    assert read_attachment("a.txt", "Grüße".encode("cp1252")).part.text == "Grüße"
    assert read_attachment("a.py", b"print(1)\n").kind == "document"


@pytest.mark.parametrize(
    "name", ["../../etc/x.md", "CON", "a\x00b.md", "..\\..\\x.md", "", "/", "\u202egnp.md", "é" * 500]
)
def test_hostile_names_are_only_ever_shown(name, workspace):
    part = read_attachment(name, b"text").part
    assert "/" not in part.name
    assert "\x00" not in part.name
    assert "\u202e" not in part.name
    assert 0 < len(part.name) <= 120
    stored = workspace.files.put(b"text", name)
    assert workspace.files.read(stored.sha256) == b"text"


def zip_bomb(inner="word/document.xml", megabytes=200):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(inner, "w") as entry:
            for _ in range(megabytes):
                entry.write(b" " * 2**20)
        archive.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()


def lying_zip_bomb():
    bomb = bytearray(zip_bomb(megabytes=60))
    directory = bomb.rfind(b"PK\x01\x02", 0, bomb.rfind(b"PK\x01\x02"))
    bomb[directory + 24 : directory + 28] = struct.pack("<I", 1000)
    return bytes(bomb)


def entity_bomb():
    source = io.BytesIO(word("x"))
    out = io.BytesIO()
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "haha">{entities}]>'
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body += f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, body if entry == "word/document.xml" else old.read(entry))
    return out.getvalue()


def wide_png(width=60_000, height=60_000):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10**6))
        + chunk(b"IEND", b"")
    )


def png_with_text_bomb():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(b" " * (200 * 2**20), 9))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + text + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def pdf_bomb():
    packed = zlib.compress(zlib.compress(b"(x) Tj " * (40 * 2**20), 9), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 9 9] >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, made) for n, made in enumerate(objects, 1))
    return body + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF"


def huge_gif():
    return (
        b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
    )


BOMBS = {
    "zip.docx": zip_bomb,
    "zip.xlsx": lambda: zip_bomb("xl/workbook.xml"),
    "lying.docx": lying_zip_bomb,
    "entities.docx": entity_bomb,
    "wide.png": wide_png,
    "text.png": png_with_text_bomb,
    "packed.pdf": pdf_bomb,
    "huge.gif": huge_gif,
    "deep.json": lambda: b"[" * 100_000 + b"]" * 100_000,
    "plain.zip": lambda: zip_bomb("a.txt"),
    "packed.gz": lambda: zlib.compress(b"\0" * 10**6),
    "old.doc": lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 100,
    "empty.txt": lambda: b"",
    "binary.txt": lambda: bytes(range(256)),
    "large.txt": lambda: b"a" * (26 * 2**20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_one_sentence(name):
    with pytest.raises(InvalidError) as refused:
        read_attachment(name, BOMBS[name]())
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_broken_files_of_every_kind_are_refused():
    dice = random.Random(7)
    whole = [picture("PNG"), picture("WEBP"), word("x"), workbook([["x"]]), pdf("x")]
    for data in whole:
        with pytest.raises(InvalidError):
            read_attachment("cut", data[: len(data) // 3])
        broken = bytearray(data)
        for _ in range(40):
            broken[dice.randrange(20, len(broken))] = dice.randrange(256)
        with suppress(InvalidError):
            read_attachment("broken", bytes(broken))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.binary(max_size=400))
def test_any_small_text_or_bytes_end_in_an_attachment_or_a_sentence(name, data):
    with suppress(InvalidError):
        read_attachment(name, data).part.text.encode()


def test_json_stays_as_it_was_written():
    text = json.dumps({"a": [1, 2]}, indent=3)
    attachment = read_attachment("a.json", text.encode())
    assert (attachment.part.text, attachment.part.media_type) == (text, "application/json")
    assert read_attachment("a.json", b"{oops").note == "It is not valid JSON and is sent as plain text."
