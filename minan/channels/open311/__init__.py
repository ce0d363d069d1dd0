"""Open311 GeoReport v2: any city app of the world can say a matter here, and read what is public."""
