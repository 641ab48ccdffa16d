"""One world running, and all of them: what comes in, in order and on time, and what is found."""
