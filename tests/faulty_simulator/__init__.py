"""Faults planted in our own code, one at a time: does a test of ours notice each?"""
