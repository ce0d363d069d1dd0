MARK = "SLIP"
def mark(code): return MARK + code
