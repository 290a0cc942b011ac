"""The shared tier: days on a Redis server or Cluster, where every machine of a desk finds them.

``shared.md`` in the documentation tells how to set it up, ``shared-format.md`` what lies on the server.
"""
