"""How the workspace's tables came to be: numbered steps, appended and never edited, run when a workspace is opened."""
