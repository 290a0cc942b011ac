"""The Replay workspace: charts, transport and read-outs, and the player that feeds them."""
