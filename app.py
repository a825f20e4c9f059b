"""The one process: builds the ASGI app, mounts the three doors, owns start and stop."""
