"""Words of the domain: data types, schemas, numbers and times. Nothing here reads a disk."""
