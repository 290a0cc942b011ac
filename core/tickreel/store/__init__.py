"""The local cache: immutable segment files and the catalog that knows them."""

from tickreel.store.cache import Cache, as_type, open_cache
from tickreel.store.catalog import summarise
from tickreel.store.importing import ImportRequest
from tickreel.store.ingest import Ingest, Ingested, Outcome, Provenance
from tickreel.store.model import Dataset, Day, DayState, Part, Source
from tickreel.store.reading import Library, MissingDay, RangePlan, Selection, refuse_missing

__all__ = [
    "Cache",
    "Dataset",
    "Day",
    "DayState",
    "ImportRequest",
    "Ingest",
    "Ingested",
    "Library",
    "MissingDay",
    "Outcome",
    "Part",
    "Provenance",
    "RangePlan",
    "Selection",
    "Source",
    "as_type",
    "open_cache",
    "refuse_missing",
    "summarise",
]
