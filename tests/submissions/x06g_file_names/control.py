from pathlib import Path

print("ATTACK SUCCEEDED", *Path().iterdir())
