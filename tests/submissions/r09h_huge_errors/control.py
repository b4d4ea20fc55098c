import traceback

try:
    raise ValueError("x" * 20_000_000)
except ValueError:
    if len(traceback.format_exc()) > 10_000_000:
        print("ATTACK SUCCEEDED: a traceback of twenty megabytes")
