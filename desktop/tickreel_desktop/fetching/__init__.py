"""Fetching from the vendor: what is asked for, what would come of it, and what is kept complete.

:class:`~tickreel_desktop.fetching.dialog.FetchDialog` asks; it plans on a thread of its own and submits
nothing by itself.
"""
