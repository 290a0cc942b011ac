"""The vendor's CSV form: names of files, reading with exact errors, writing byte for byte."""

from tickreel.vendorcsv.naming import Claim, claim_of, find_files, group_in, vendor_spelling
from tickreel.vendorcsv.reader import CsvFile, open_csv
from tickreel.vendorcsv.writer import csv_blocks

__all__ = [
    "Claim",
    "CsvFile",
    "claim_of",
    "csv_blocks",
    "find_files",
    "group_in",
    "open_csv",
    "vendor_spelling",
]
