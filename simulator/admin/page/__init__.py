"""The page under /_simulator/ for people who look: rendered here, usable without scripts."""
