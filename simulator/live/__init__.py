"""Live vendors, or any server, under a contract: probed, fuzzed, and recorded without their secrets."""
