def deeper():
    return deeper()


try:
    deeper()
except RecursionError:
    print("ATTACK SUCCEEDED: it went to the bottom")
