"""The formatter of rule files: one way to set a text, whatever way it was written.

The author chooses where lines end within a list, a condition or a rule, and where one blank line
parts two things; everything else is decided here: indents, gaps, columns, and what happens to a
line of more than 100 characters. No token and no comment is made, changed, moved or left out.

- `tokens`: the text as tokens, each with the comments that belong to it
- `marks`: what the syntax tree knows of them: where statements begin, where a line may end
- `shape`: tokens nested into statements, blocks and groups
- `breaks`: where lines end
- `columns`: what stands below each other in neighbouring lines
- `page`: writes it
- `setting`: all of these, one after the other
- `prove`: says of a result that it has the same tree and the same comments, and is stable
- `run`: a source in, what became of it out
"""
