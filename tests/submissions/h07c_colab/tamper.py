from __future__ import annotations

def tamper(notebook):
    for number, cell in enumerate(notebook["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"aB3{number:08d}x", "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "12ab-34cd"}
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}]
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    return notebook | {"nbformat_minor": 0}
