"""The host side of Latchkey: start machines, read their logs, give verdicts."""
