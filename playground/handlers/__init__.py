"""What happens on the screens: one file per group of actions."""
