"""What this machine makes of Tickreel: a generated day, and the times of storing and reading it."""
