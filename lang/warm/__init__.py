"""Checking a large file again when one of its rules changed.

What a check found is kept, and with it by what each rule may have to do with others (`words`). When
the text of one rule changes, two small programs are checked: the old rule and the new one, each
with all that is no rule of a table and with the rules that may have to do with either (`related`).
What the two differ in is what the findings of the whole differ in (`again`): the checker is the
only one there is, and looks at a slice of the program (`slices`). Where that is not sure nothing is
said, and the file is checked from the beginning.
"""
