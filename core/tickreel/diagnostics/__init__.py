"""What helps whoever looks into a problem: gathered, cleaned of what is private, and put into a zip.

What :func:`preview` gives is to the letter what :func:`save` writes, so that it can be read first.
"""

from tickreel.diagnostics.bundle import BundleFile, preview, save
from tickreel.diagnostics.redaction import Redaction

__all__ = ["BundleFile", "Redaction", "preview", "save"]
