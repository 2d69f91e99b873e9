print("peerchart")
