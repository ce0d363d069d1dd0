"""Local services 便民生活圈: vetted shops and trades, orders and bookings, ratings of completed jobs; the money is paid outside."""
