"""Tasks (任务): the duties that documents lay down, who owes what by when, and what was reported of them."""
