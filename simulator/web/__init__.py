"""Around the vendors, never inside them: guards, journal, masking, faults, the outbound door, Flask."""
