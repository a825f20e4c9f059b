"""The values of an Excel workbook, sheet by sheet, as CSV."""

import csv
import io

import openpyxl

from core.workspace.extraction.archive import check_archive
from core.workspace.extraction.refusal import LONGEST_TEXT, Refusal, bounded

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def read(data: bytes) -> tuple[bytes, str, str]:
    check_archive(data)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    filled = False
    for sheet in book.worksheets:
        out.write(f"[sheet {sheet.title}]\n")
        for row in sheet.iter_rows(values_only=True):
            if out.tell() > LONGEST_TEXT:
                break
            if any(value is not None for value in row):
                filled = True
                writer.writerow(["" if value is None else value for value in row])
    if not filled:
        raise Refusal("holds no values.")
    kept, note = bounded(out.getvalue())
    return kept, MEDIA_TYPE, note
