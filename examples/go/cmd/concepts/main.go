// Command concepts prints the ranked concepts of documents: progress on stderr, tables or JSON on stdout.
//
//	concepts [-json] [-quiet] [-rows N] [-timeout TIME] [-set KEY=VALUE] FILE...
//
// Several documents are worked on at a time; they are printed in the order given. Ctrl-C cancels them. The exit status
// is 0 when every file was read, 1 when one was not, 2 for a wrong command line, 130 when interrupted.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"
	"unicode"

	"example.com/tori"
)

const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		// A second Ctrl-C ends the program at once.
		stop()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings is the flag -set, which may be given several times.
type settings tori.Settings

func (s settings) String() string { return "" }

func (s settings) Set(pair string) error {
	key, value, found := strings.Cut(pair, "=")
	if !found {
		return errors.New("expected KEY=VALUE")
	}
	s[key] = value
	return nil
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	set := settings{}
	flags := flag.NewFlagSet("concepts", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: concepts [-json] [-quiet] [-rows N] [-timeout TIME] [-set KEY=VALUE] FILE...")
		flags.PrintDefaults()
	}
	asJSON := flags.Bool("json", false, "print the whole report of each file as one line of JSON")
	quiet := flags.Bool("quiet", false, "show no progress")
	rows := flags.Int("rows", 20, "print at most `N` concepts of each file; 0 is all")
	timeout := flags.Duration("timeout", 0, "give up on a file after `TIME` (30s, 2m); 0 is never")
	flags.Var(set, "set", "change a setting of the library to `KEY=VALUE`; may be repeated")
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	case flags.NArg() == 0 || *rows < 0 || *timeout < 0:
		flags.Usage()
		return exitUsage
	}

	engine, err := tori.New(tori.Settings(set))
	if err != nil {
		fmt.Fprintln(stderr, "concepts:", err)
		if errors.Is(err, tori.ErrConfig) {
			return exitUsage
		}
		return exitFailed
	}
	defer engine.Close()

	screen := newDisplay(stderr, *quiet)
	output := bufio.NewWriter(stdout)
	status := exitOK
	for _, document := range ingestAll(ctx, engine, flags.Args(), *timeout, screen) {
		ended := <-document
		if errors.Is(ended.err, context.Canceled) {
			status = exitInterrupted
			continue
		}
		if ended.err != nil {
			screen.line("%s: %v", ended.path, ended.err)
			status = exitFailed
			continue
		}
		screen.clear()
		if *asJSON {
			fmt.Fprintf(output, "%s\n", ended.result.JSON)
		} else {
			printTable(output, ended.result, *rows)
		}
		if err := output.Flush(); err != nil {
			screen.line("concepts: %v", err)
			return exitFailed
		}
	}
	if status == exitInterrupted {
		screen.line("concepts: interrupted")
	}
	return status
}

type outcome struct {
	path   string
	result *tori.Result
	err    error
}

// ingestAll begins with all files and returns at once; what comes of each is sent on its channel.
func ingestAll(
	ctx context.Context, engine *tori.Engine, paths []string, timeout time.Duration, screen *display,
) []chan outcome {
	// More than there are workers keeps these busy, and far fewer than jobs.waiting are never refused.
	slots := make(chan struct{}, 2*runtime.NumCPU())
	ended := make([]chan outcome, len(paths))
	for i, path := range paths {
		ended[i] = make(chan outcome, 1)
		go func(path string, ended chan<- outcome) {
			slots <- struct{}{}
			defer func() { <-slots }()
			ended <- ingest(ctx, engine, path, timeout, screen)
		}(path, ended[i])
	}
	return ended
}

func ingest(
	ctx context.Context, engine *tori.Engine, path string, timeout time.Duration, screen *display,
) outcome {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	result, err := engine.Ingest(ctx, tori.File(path), tori.OnProgress(screen.follow(path)))
	return outcome{path, result, err}
}

func printTable(w io.Writer, result *tori.Result, rows int) {
	var page strings.Builder
	writeTable(&page, result, rows)
	// What a document says must not reach the terminal as commands.
	io.WriteString(w, strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' {
			return r
		}
		return unicode.ReplacementChar
	}, page.String()))
}

func writeTable(w io.Writer, result *tori.Result, rows int) {
	document, counts := result.Document, result.Counts
	title, abstract := document.Title, "not found"
	if title == "" {
		title = "(no title)"
	}
	if document.AbstractFound {
		abstract = "found"
	}
	fmt.Fprintf(w, "%s: %s\n", document.Name, title)
	fmt.Fprintf(w, "%d pages, abstract %s, %d candidates, %d after the filters, %d reported\n",
		document.Pages, abstract, counts.Raw, counts.Pure, counts.Final)
	concepts := result.Concepts
	if rows > 0 && rows < len(concepts) {
		concepts = concepts[:rows]
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "rank\tconcept\tquality\tscore\tfound in\tcategory\tsection\tpage\ttimes")
	for i, c := range concepts {
		fmt.Fprintf(table, "%d\t%s\t%.3f\t%.3f\t%s\t%s\t%s\t%d\t%d\n",
			i+1, c.Label, c.Quality, c.Score, c.Source, c.Category, c.Section, c.FirstPage, c.Occurrences)
	}
	table.Flush()
	for _, warning := range result.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
	fmt.Fprintln(w)
}

// display writes progress: on a terminal one line that is rewritten, else a line for each stage of each file.
type display struct {
	mu       sync.Mutex
	w        io.Writer
	quiet    bool
	terminal bool
}

func newDisplay(w io.Writer, quiet bool) *display {
	d := &display{w: w, quiet: quiet}
	if file, ok := w.(*os.File); ok {
		info, err := file.Stat()
		d.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return d
}

// follow makes the progress function of one file.
func (d *display) follow(path string) func(tori.Progress) {
	stage := ""
	return func(p tori.Progress) {
		if d.quiet || !d.terminal && p.Stage == stage {
			return
		}
		stage = p.Stage
		d.mu.Lock()
		defer d.mu.Unlock()
		d.erase()
		fmt.Fprintf(d.w, "%3d %% %-10s %s", p.Percent, p.Stage, path)
		if !d.terminal {
			fmt.Fprintln(d.w)
		}
	}
}

// line writes a line that stays.
func (d *display) line(format string, arguments ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	fmt.Fprintf(d.w, format+"\n", arguments...)
}

func (d *display) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
}

func (d *display) erase() {
	if d.terminal && !d.quiet {
		fmt.Fprint(d.w, "\r\x1b[K")
	}
}
