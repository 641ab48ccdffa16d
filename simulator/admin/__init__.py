"""The control plane under /_simulator: clock, worlds, journal, deliveries, faults and people, over HTTP."""
