"""Draws the 37 characters of machine-readable lines in OCR-B into `ocr_b.bin`, which the MRZ reader compares pictures with.

Needs Pillow and Debian's fonts-ocr-b. One byte a pixel, 0 paper to 255 ink, 20 wide and 28 high each, in the order of ALPHABET; the
middle of a character's cell is the middle of its picture, and ten characters to the inch are 20 pixels apart.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
FONT = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"
WIDTH, HEIGHT, FINER = 20, 28, 8


def main() -> None:
    size = 100
    advance = ImageFont.truetype(FONT, size).getlength("A")
    font = ImageFont.truetype(FONT, round(size * WIDTH * FINER / advance))
    _, top, _, bottom = font.getbbox("H", anchor="ls")
    middle = (top + bottom) / 2
    glyphs = bytearray()
    for character in ALPHABET:
        cell = Image.new("L", (WIDTH * FINER, HEIGHT * FINER), 0)
        origin = (WIDTH * FINER / 2, HEIGHT * FINER / 2 - middle)
        ImageDraw.Draw(cell).text(origin, character, fill=255, font=font, anchor="ms")
        glyphs += cell.resize((WIDTH, HEIGHT), Image.Resampling.BOX).tobytes()
    Path(__file__).with_name("ocr_b.bin").write_bytes(bytes(glyphs))


if __name__ == "__main__":
    main()
