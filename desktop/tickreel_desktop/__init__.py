"""The Tickreel desktop."""
