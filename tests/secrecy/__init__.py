"""No secret leaves the places that are made for it."""
