"""echarge Hardy Barth."""
