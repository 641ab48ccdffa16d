"""Did the client behave as the scenario expects? One verdict for each word of `expect`, with its evidence."""
