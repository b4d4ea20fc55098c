try:
    compile("(" * 5000 + ")" * 5000, "cell", "exec")
except (MemoryError, RecursionError, SyntaxError) as error:
    print("ATTACK SUCCEEDED: Python gave up with", type(error).__name__)
