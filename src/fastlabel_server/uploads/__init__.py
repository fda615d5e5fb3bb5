"""Requests that bring files: received as a stream, never whole in memory."""

from fastlabel_server.uploads.receive import Upload, receive_file, upload_of
from fastlabel_server.uploads.spool import ReceivedFile

__all__ = ["ReceivedFile", "Upload", "receive_file", "upload_of"]
