"""The JavaScript of scripts: values, two interpreters, and texts with expressions in them."""
