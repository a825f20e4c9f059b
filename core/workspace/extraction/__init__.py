"""Reads hostile files in a short-lived child process with little memory, little time and no secrets."""
