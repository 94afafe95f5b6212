"""How results are shown: terminal, Markdown, the HTML report, generated pages of docs/.

May import everything but `commands`; nothing imports it but `commands`.
"""
