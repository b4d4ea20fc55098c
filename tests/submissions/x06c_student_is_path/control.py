"""Where the folder of such a student would be."""

import os.path

folder = os.path.normpath(os.path.join("/course/submitted", "a/../../b", "ps02"))
if not folder.startswith("/course/submitted/"):
    print("ATTACK SUCCEEDED")
