"""Fetching from the vendor: planned before it starts, durable, never twice, never silently.

:class:`~tickreel.fetch.service.FetchService` is the way in.
"""
