"""Around the vendors, never inside them: guards, journal, faults, the outbound door, the control plane."""
