"""Compares the text that tori, PDFium and MuPDF read from a folder's PDF files, and the CPU time each takes on one thread.

pdf_text.py TORI FOLDER [FOLDER...] prints a summary; --csv FILE writes a line a document. MuPDF's text is the reference:

* word F1: of the multisets of words, after NFKC, which takes ligatures apart;
* order: of the words that both have exactly once, the share in the longest sequence that keeps the order;
* CPU time: opening the file and reading the text of all pages, the shortest of several rounds.

Documents of fewer than 20 words by MuPDF are timed and not scored.
"""

import argparse
import bisect
import csv
import json
import os
import select
import statistics
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path

PEERS = ("mupdf", "pdfium")
ENGINES = ("tori", *PEERS)
FEWEST_WORDS = 20
# A document is scored for its order when both texts share this many words that occur once.
FEWEST_MARKS = 50
SECONDS_PER_FILE = 60


def words(text):
    # Every engine has its own way to say that a glyph has no known character.
    return unicodedata.normalize("NFKC", text.replace("\ufffd", " ")).split()


def f1(found, wanted):
    common = (Counter(found) & Counter(wanted)).total()
    return 2 * common / (len(found) + len(wanted)) if found or wanted else 1.0


def order(found, wanted):
    """Share of the words unique in both that stand in their longest common subsequence; None when they are few."""
    once = [{word for word, times in Counter(text).items() if times == 1} for text in (found, wanted)]
    marks = once[0] & once[1]
    if len(marks) < FEWEST_MARKS:
        return None
    place = {word: at for at, word in enumerate(word for word in wanted if word in marks)}
    # The shortest end of an increasing sequence of each length.
    ends = []
    for at in (place[word] for word in found if word in marks):
        length = bisect.bisect_left(ends, at)
        ends[length : length + 1] = [at]
    return len(ends) / len(marks)


def is_two_column(document):
    """Whether most pages of text have lines on both sides of their middle and few that cross it."""
    pages = columned = 0
    for page in document:
        middle = (page.rect.x0 + page.rect.x1) / 2
        lines = [
            line["bbox"]
            for block in page.get_text("dict", flags=0)["blocks"]
            for line in block["lines"]
            if len(line["spans"]) and line["dir"] == (1, 0) and line["bbox"][2] - line["bbox"][0] > page.rect.width / 6
        ]
        if len(lines) < 20:
            continue
        left = sum(box[2] <= middle for box in lines)
        right = sum(box[0] >= middle for box in lines)
        pages += 1
        columned += min(left, right) > len(lines) / 4 and left + right > len(lines) * 3 / 4
    return pages > 0 and columned * 2 > pages


def read_mupdf(path):
    import pymupdf

    # By default it writes the numbers of glyphs whose characters it does not know as if they were characters.
    flags = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
    # It reads other formats, too, and tells them by name and content.
    with pymupdf.open(path, filetype="pdf") as document:
        return "\f".join(page.get_text(flags=flags) for page in document)


def read_pdfium(path):
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        document.init_forms()
        pages = []
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            pages.append(text.get_text_range())
            text.close()
            page.close()
        return "\f".join(pages)
    finally:
        document.close()


def serve(engine):
    """Reads the files named on standard input, one a line, and answers with a JSON object each."""
    if engine == "mupdf":
        import pymupdf

        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
    read = {"mupdf": read_mupdf, "pdfium": read_pdfium}[engine]
    for path in map(str.strip, sys.stdin):
        started = time.process_time()
        try:
            text, error = read(path), None
        # Whatever a peer raises is its outcome.
        except Exception as exception:  # noqa: BLE001
            text, error = "", str(exception) or type(exception).__name__
        answer = {"path": path, "cpu_ms": (time.process_time() - started) * 1e3, "text": text, "error": error}
        if engine == "mupdf" and not error:
            with pymupdf.open(path, filetype="pdf") as document:
                answer["two_column"] = is_two_column(document)
        print(json.dumps(answer), flush=True)


def run_peer(engine, paths):
    """Answers by path. A file that ends the peer's process, or takes too long, has an error for its answer."""
    answers = {}
    left = list(paths)
    while left:
        command = [sys.executable, __file__, "--serve", engine]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as peer:
            while left:
                path = left.pop(0)
                peer.stdin.write(f"{path}\n".encode())
                peer.stdin.flush()
                answered, _, _ = select.select([peer.stdout], [], [], SECONDS_PER_FILE)
                line = answered and peer.stdout.readline()
                if not line:
                    answers[path] = {"path": path, "cpu_ms": None, "text": "", "error": "crashed or hung"}
                    peer.kill()
                    break
                answers[path] = json.loads(line)
    return answers


def run_tori(tori, paths, out):
    environment = os.environ | {"MAX_PARALLEL_WORKERS_OVERRIDE": "1"}
    # Not all files can be read; each has its status.
    command = [tori, "text", "--set", "document.dehyphenate=false", "--jsonl", out, *paths]
    subprocess.run(command, check=False, env=environment, stderr=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as lines:
        answers = {answer["path"]: answer for answer in map(json.loads, lines)}
    missing = set(paths) - set(answers)
    if missing:
        sys.exit(f"tori ended before it had read {min(missing)}")
    return answers


def measure(tori, paths, rounds, out):
    """The answers of each engine, with the shortest CPU time of all rounds."""
    runs = {engine: None for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            answers = run_tori(tori, paths, out) if engine == "tori" else run_peer(engine, paths)
            for path, before in (runs[engine] or {}).items():
                times = [answer["cpu_ms"] for answer in (before, answers[path]) if answer["cpu_ms"] is not None]
                answers[path]["cpu_ms"] = min(times, default=None)
            if all(answer["error"] for answer in answers.values()):
                sys.exit(f"{engine} reads no file: {next(iter(answers.values()))['error']}")
            runs[engine] = answers
    return runs


def compare(runs, path):
    reference = runs["mupdf"][path]
    wanted = words(reference["text"])
    row = {"file": path, "words": len(wanted), "two_column": int(reference.get("two_column", False))}
    for engine in ENGINES:
        answer = runs[engine][path]
        row[f"{engine}_cpu_ms"] = answer["cpu_ms"] and round(answer["cpu_ms"], 2)
        if engine != "mupdf":
            found = words(answer["text"])
            similar = order(found, wanted)
            row[f"{engine}_words"] = len(found)
            row[f"{engine}_f1"] = round(f1(found, wanted), 4)
            row[f"{engine}_order"] = None if similar is None else round(similar, 4)
    row["lost"] = (Counter(wanted) - Counter(words(runs["tori"][path]["text"]))).total()
    row["tori_status"] = runs["tori"][path]["status"]
    return row


def summary(rows):
    scored = [row for row in rows if row["words"] >= FEWEST_WORDS]
    print(f"{len(rows)} documents, {len(scored)} with at least {FEWEST_WORDS} words by MuPDF")
    for engine in ("tori", "pdfium"):
        scores = [row[f"{engine}_f1"] for row in scored]
        low = sum(score < 0.8 for score in scores) / len(scores)
        print(
            f"{engine:>7}: word F1 median {statistics.median(scores):.4f}, mean {statistics.mean(scores):.4f},"
            f" under 0.8 {low:.1%}"
        )
        for name, chosen in (("all", rows), ("two-column", [row for row in rows if row["two_column"]])):
            orders = [row[f"{engine}_order"] for row in chosen if row[f"{engine}_order"] is not None]
            if orders:
                print(
                    f"{'':>9}order, {name}: median {statistics.median(orders):.4f},"
                    f" mean {statistics.mean(orders):.4f}, {len(orders)} documents"
                )
    timed = [row for row in rows if all(row[f"{engine}_cpu_ms"] for engine in ENGINES)]
    total = {engine: sum(row[f"{engine}_cpu_ms"] for row in timed) for engine in ENGINES}
    for engine in ("tori", "pdfium"):
        ratios = [row[f"{engine}_cpu_ms"] / row["mupdf_cpu_ms"] for row in timed]
        print(
            f"{engine:>7}: CPU / MuPDF's: {total[engine] / total['mupdf']:.3f} of the sum,"
            f" {statistics.median(ratios):.3f} of the median document"
        )


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tori", help="the shell, built for release")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--csv", type=Path, help="where to write a line a document")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--texts", type=Path, help="where to keep the texts, a folder an engine")
    options = parser.parse_args()
    roots = {str(path): folder for folder in options.folders for path in sorted(folder.rglob("*.pdf"))}
    if not roots:
        parser.error("no file *.pdf in " + ", ".join(map(str, options.folders)))
    out = Path(options.tori).with_name("pdf_text.jsonl")
    try:
        runs = measure(options.tori, list(roots), options.rounds, out)
    finally:
        out.unlink(missing_ok=True)
    if options.texts:
        for engine, answers in runs.items():
            for path, answer in answers.items():
                target = options.texts / engine / Path(path).relative_to(roots[path]).with_suffix(".txt")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(answer["text"], encoding="utf-8", errors="replace")
    rows = [compare(runs, path) for path in roots]
    summary(rows)
    if options.csv:
        for row in rows:
            row["file"] = str(Path(row["file"]).relative_to(roots[row["file"]]))
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    return None


if __name__ == "__main__":
    sys.exit(main())
