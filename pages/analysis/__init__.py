"""What the analysis pages share: the filter bar, chart panels, and the line between real and sample calls."""
