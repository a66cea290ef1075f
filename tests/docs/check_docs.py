#!/usr/bin/env python3
"""check_docs.py FILE.md: everything a page shows is true.

```sh        is run, line by line, and must succeed
```console   lines after "$ " are run; what follows must be what they print, where "..." stands for any lines, numbers may be off
             by 5 %, and the width of columns does not matter
```yaml      that begin with "# NAME.yaml" are written to NAME.yaml first
<!-- excerpt: PATH -->   the next block stands in that file, word for word
Links to files point to files.

Commands run in an empty directory with the program as ./orrery; ./run-tests is not run, as this is part of it.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["ORRERY_BIN"]
NUMBER = re.compile(r"[-+±<]*\d[\d.,]*(?:e[-+]?\d+)?")


def same_token(shown, printed):
    if shown == printed:
        return True
    a, b = NUMBER.findall(shown), NUMBER.findall(printed)
    if not a or len(a) != len(b) or NUMBER.sub("#", shown) != NUMBER.sub("#", printed):
        return False
    for x, y in zip(a, b):
        x, y = (float(n.lstrip("+±<").replace(",", "").rstrip(".")) for n in (x, y))
        # Half widths are noisier than what they belong to.
        allowed = 0.5 if "±" in shown else 0.05
        if abs(x - y) > allowed * max(abs(x), abs(y)):
            return False
    return True


def same_line(shown, printed):
    a, b = shown.split(), printed.split()
    return len(a) == len(b) and all(map(same_token, a, b))


def first_difference(shown, printed):
    """None if the shown lines describe the printed ones, else the shown line that does not."""
    at, may_skip = 0, False
    for line in shown:
        if line == "...":
            may_skip = True
            continue
        while may_skip and at < len(printed) and not same_line(line, printed[at]):
            at += 1
        if at == len(printed) or not same_line(line, printed[at]):
            return line
        at, may_skip = at + 1, False
    return None if may_skip or at == len(printed) else "(more is printed: %s)" % printed[at]


def blocks(text):
    pattern = re.compile(r"(?:<!-- excerpt: (\S+) -->\n)?^```(\w*)\n(.*?)^```$", re.M | re.S)
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2), match.group(3)


def main():
    page = pathlib.Path(sys.argv[1])
    text = page.read_text()
    wrong = []

    def run(command, line, directory):
        if command.strip() == "./run-tests":
            return []
        done = subprocess.run(["bash", "-c", command], cwd=directory, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              env={**os.environ, "COLUMNS": "100"}, check=False)
        return done.returncode, done.stdout.rstrip("\n").split("\n")

    with tempfile.TemporaryDirectory() as directory:
        os.symlink(ROOT / "scenarios", pathlib.Path(directory, "scenarios"))
        os.symlink(PROGRAM, pathlib.Path(directory, "orrery"))
        for line, excerpt, kind, body in blocks(text):
            if excerpt:
                if body not in (ROOT / excerpt).read_text():
                    wrong.append((line, "not what stands in " + excerpt))
            elif kind == "yaml":
                name = re.match(r"# (\S+\.yaml)\n", body)
                if name:
                    pathlib.Path(directory, name.group(1)).write_text(body)
            elif kind == "sh":
                code, printed = run("set -e\n" + body, line, directory)
                if code:
                    wrong.append((line, "exit code %d: %s" % (code, " / ".join(printed))))
            elif kind == "console":
                for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
                    command, *shown = part.rstrip("\n").split("\n")
                    _, printed = run(command, line, directory)
                    difference = first_difference(shown, printed)
                    if difference is not None:
                        wrong.append((line, "%s prints no such line: %s" % (command, difference)))
    for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
        if not (page.parent / target).exists():
            wrong.append((0, "no such file: " + target))
    for line, why in wrong:
        print("%s:%d: %s" % (page, line, why))
    return 1 if wrong else 0


sys.exit(main())
