"""Contacts from a file, whichever of the three kinds it is."""

from __future__ import annotations

from appliance.core import contact_csv, contact_fritzbox, contact_vcard
from appliance.core.contact_files import Dialling, Gathered

_MARKS = b"\xef\xbb\xbf \t\r\n"


def read(content: bytes, dialling: Dialling) -> Gathered:
    """The contacts of a vCard file, a FRITZ!Box phone book or a CSV file. Raises UnreadableFile."""
    if is_vcard(content):
        return contact_vcard.read(content, dialling)
    if is_xml(content):
        return contact_fritzbox.read(content, dialling)
    return contact_csv.read(content, dialling)


def is_vcard(content: bytes) -> bool:
    """Whether a file begins as a vCard does, with or without the mark of its encoding."""
    beginning = content[:200].replace(b"\0", b"").lstrip(_MARKS + b"\xff\xfe")
    return beginning[:11].upper() == b"BEGIN:VCARD"


def is_xml(content: bytes) -> bool:
    """Whether a file begins as XML does."""
    return content[:200].replace(b"\0", b"").lstrip(_MARKS + b"\xff\xfe").startswith(b"<")
